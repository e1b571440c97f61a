"""What the API's answers look like: the shapes its document shows, and the ones its reads are made of."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from bottles.batches import LotStatus
from bottles.crates import CrateState
from bottles.events import EventKind, Receipt
from bottles.ledger import AccountKind
from bottles.people import Role
from bottles.wire import EARLIEST, LATEST

Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class Shape(BaseModel):
    """Something of an answer; its attributes become fields of the same name."""

    model_config = ConfigDict(extra="forbid")


class Refused(Shape):
    """What every refusal looks like."""

    sentence: str = Field(description="What is, for a person, in the language asked for by Accept-Language.")
    field: str | None = Field(description="The field that is wrong, where one is.")
    todo: str = Field(description="What to do now; may be empty.")
    request_id: str | None = Field(description="The number to tell us when you ask about it.")


class EventReceipt(BaseModel):
    """What became of one event. Whichever it is, we hold the event: delete it on your side."""

    id: str = Field(description="The event's id, as it was sent; empty where it had none that could be read.")
    receipt: Receipt
    sentence: str | None = Field(default=None, description="Why it was set aside; absent when it was kept or known.")
    field: str | None = Field(default=None, description="The field that is wrong, where one is.")


class Receipts(Shape):
    """One receipt for each event of the batch, in the same order."""

    receipts: list[EventReceipt]


class PhotoReceipt(Shape):
    """What became of a picture: kept, or already known. Delete it on your side."""

    id: str = Field(description="The id of its event.")
    receipt: Receipt


class DeviceToken(Shape):
    """A token that only hands in events, for the device that is signed in."""

    token: str = Field(description="Shown only now.")
    expires_at: AwareDatetime
    device: str


class Page(Shape):
    """Which part of a long list is asked for."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(default=100, ge=1, le=500, description="Entries at most.")
    after: int = Field(default=0, ge=0, le=10_000_000, description="Entries to leave out: `next` of the answer before.")


class Coded(BaseModel):
    """An address that ends in a code."""

    code: str = Field(description="As it is written on the label, in any case.")


class Act(Shape):
    """One act in a crate's history."""

    id: str
    kind: EventKind
    at: AwareDatetime = Field(description="When it was done, by the device.")
    received_at: AwareDatetime = Field(description="When it reached us.")
    device: str
    sequence: int
    role: Role
    partner: str
    centre: str
    move: str | None
    state: str | None
    point: str | None
    task: int | None
    route: int | None
    reason: str | None
    note: str | None
    where: str | None = Field(description="The kind of place it leaves the crate in; null for an act that moves nothing.")
    holder: str
    undone_by: str | None = Field(description="The undo that holds: what is undone counts for nothing.")
    settled_by: str | None = Field(description="The later settlement by which a person pinned the state.")
    future: bool = Field(description="It lies more than five minutes ahead of when it reached us.")


class CrateAnswer(Shape):
    """Where a crate stands, and everything that was done to it, in the order of the acts."""

    code: str
    type: str
    state: CrateState
    clean: bool
    where: str = Field(description="The kind of place: point, van, received, clean, customer, outside.")
    holder: str
    since: AwareDatetime | None
    timeline: list[Act]
    next: int | None = Field(description="Ask again with ?after= this; null at the end.")


class Held(Page):
    """Whose balances are asked for, and for when."""

    as_of: Moment | None = Field(default=None, description="What was done up to then; left out, now.")
    known_at: Moment | None = Field(default=None, description="What had reached us by then; left out, now.")
    kind: AccountKind | None = Field(default=None, description="Only places of this kind.")
    holder: Name | None = Field(default=None, description="Only this point, vehicle, centre or partner.")
    item: Name | None = Field(default=None, description="Only this crate type or bottle type.")


class Balance(Shape):
    """What one holder has of one type."""

    kind: AccountKind
    holder: str
    item: str = Field(description="A crate type or a bottle type.")
    quantity: int = Field(description="Pieces; below zero where more left than ever came.")
    ages: list[int] = Field(description="Pieces by the days they have been there: up to 30, 60, 90, and longer.")


class Balances(Shape):
    """Who held what, as of a time and as known at a time."""

    as_of: AwareDatetime
    known_at: AwareDatetime
    balances: list[Balance]
    next: int | None = Field(description="Ask again with ?after= this; null at the end.")


class Share(Shape):
    """The part of a lot that came from one point."""

    point: str
    share: float = Field(description="0 to 1.")


class LotAnswer(Shape):
    """A lot, and where its bottles came from."""

    code: str
    type: str
    centre: str
    status: LotStatus
    quantity: int
    accepted: int
    use_by: date | None
    why_held: str
    sources: list[Share]
    unknown: float = Field(description="The share that leads to no point we know.")
    next: int | None = Field(description="Ask again with ?after= this; null at the end.")


class Delivery(Shape):
    """Bottles of a lot that were delivered for an order."""

    lot: str
    order: int
    partner: str
    partner_name: str
    email: str
    phone: str
    point: str
    point_name: str
    town: str
    quantity: int
    delivered_at: AwareDatetime | None


class Standing(Shape):
    """Bottles of a lot that have not left a centre."""

    lot: str
    kind: AccountKind
    centre: str
    quantity: int
    order: int | None
    partner: str | None


class Recall(Shape):
    """Who holds what of a lot, and of every lot that took some of it in."""

    code: str
    here: list[Standing]
    delivered: list[Delivery]
    next: int | None = Field(description="Ask again with ?after= this for more of `delivered`; null at the end.")
