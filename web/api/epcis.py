"""What happened here, in the words of EPCIS 2.0: the standard's own query address, page by page."""

from typing import Annotated, Any

from flask import Response, g
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bottles.db import reading
from bottles.epcis import document
from bottles.epcis.document import Mark
from bottles.people import Role
from web import epcis as asking
from web.auth import allowed
from web.current import engine, link, territory

from .document import TOKEN, about, bp, refusals
from .shapes import Moment

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]

VERSIONS = {"GS1-EPCIS-Version": "2.0", "GS1-CBV-Version": "2.0"}
"""What every answer says of the standards it keeps to."""


class EpcisQuery(BaseModel):
    """What is asked for, by the names of the EPCIS query language; what stands here besides is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(default=None, alias="GE_recordTime", description="What we know since then.")
    lot: Text = Field(default="", alias="EQ_lot", description="One lot, by its name: L00012.")
    lot_class: Text = Field(default="", alias="MATCH_epcClass", description="One lot, by its address in an event.")
    crate: Text = Field(default="", alias="EQ_crate", description="One crate, by its serial.")
    epc: Text = Field(default="", alias="MATCH_epc", description="One crate, by its EPC: a Digital Link, or urn:epc:id:grai:…")
    size: int = Field(default=100, ge=1, le=document.ROWS, alias="perPage", description="Events at most.")
    token: Text = Field(default="", alias="nextPageToken", description="Where the page before ended: see its Link header.")


PAGE: dict[str, Any] = {
    "description": "An EPCISQueryDocument. The address of the next page stands in the Link header, with rel=next.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@bp.get(
    "/epcis/events",
    summary="What happened here, as EPCIS 2.0 events",
    description="One crate, one lot, or everything; a page at a time, in an order that never changes.",
    security=TOKEN,
    responses={200: PAGE, **refusals(400, 401, 403, 404, 422, 503)},
)
@allowed(Role.WASHER, Role.COORDINATOR)
def epcis_events(query: EpcisQuery) -> Response:
    """Tell what happened, in the words of EPCIS."""
    begin = document.mark(query.token) if query.token else Mark()
    with reading(engine()) as session:
        lot, crate = query.lot or query.lot_class, query.crate or query.epc
        # only the name of a crate is read; a lot that is not there is not there
        with about("EQ_crate" if query.crate else "MATCH_epc"):
            asked = asking.ask(session, territory(), since=query.since, lot=lot, crate=crate, at=g.now)
        events, following = document.page(session, asked, query.size, begin)
    answer = Response(document.query_document(asked, events), mimetype="application/json", headers=VERSIONS)
    if following is not None:
        # the same question with another token: what was asked for does not change between two pages
        sent = query.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"nextPageToken": str(following)}
        answer.headers["Link"] = f'<{link("api.epcis_events", **sent)}>; rel="next"'
    return answer
