"""The file of a phone that reaches us no more, handed in: by another phone of the road, or at the office."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from werkzeug.exceptions import RequestEntityTooLarge

from bottles.db import find, reading, transaction
from bottles.errors import Refusal
from bottles.events import Receipt
from bottles.intake import Answer
from bottles.people import Person, Role

from . import handed, handed_photos, names, story
from .api.events import receipt
from .auth import allowed
from .current import engine
from .errors import STATUSES, TooLarge
from .forms import Form, sentence
from .handed import Claim, File
from .handed_photos import PhotoAnswer

bp = Blueprint("handover", __name__)


@bp.post("/driver/handover")
@allowed(Role.DRIVER, Role.COORDINATOR, by_code=True)
def take() -> ResponseReturnValue:
    """Take in another phone's file, and answer a receipt for each event, as the API does."""
    try:
        request.max_content_length = handed.MEGABYTES * 1024 * 1024
        file = handed.read(request.get_data())
    except Refusal as refusal:
        # a phone asks: a page would tell it nothing
        status = next(status for kind, status in STATUSES if isinstance(refusal, kind))
        return jsonify(sentence=sentence(refusal)), status
    answers, shots = _take(file)
    return jsonify(receipts=[receipt(answer) for answer in answers], photos=[_photo(shot) for shot in shots])


def _take(file: File) -> tuple[list[Answer], list[PhotoAnswer]]:
    """Keep the events first: a photo belongs to one."""
    with transaction(engine()) as session:
        answers = handed.take(session, file, g.person.id, at=g.now)
    return answers, handed_photos.take(file, g.person.id, at=g.now)


def _photo(shot: PhotoAnswer) -> dict[str, str]:
    return {"id": shot.id, **({"sentence": sentence(shot.refusal)} if shot.refusal else {"receipt": str(shot.receipt)})}


@bp.route("/office/devices/handover", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def office() -> ResponseReturnValue:
    """Take in a phone's file at the office, and say what became of it."""
    if request.method == "GET":
        return Form({}).page("office/handover.html")
    with (form := Form(request.form)):
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            form.refuse("file", gettext("Choose the file that the phone saved."))
        form.check()
        try:
            file = handed.read(sent.read() if sent else b"")
        except Refusal as refusal:
            return _not_taken(form, refusal)
        return render_template("office/handover.html", form=form, taken=_told(file, *_take(file)))
    return form.page("office/handover.html")


def _not_taken(form: Form, refusal: Refusal) -> ResponseReturnValue:
    """Show the form with the sentence beside its field."""
    form.refuse("file", refusal.message, **refusal.values)
    form.status = 413 if isinstance(refusal, TooLarge) else 422
    return form.page("office/handover.html")


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how large a file may be; more than that was not even read."""
    refusal = TooLarge(handed.TOO_LARGE, most=handed.MEGABYTES)
    if request.endpoint == "handover.take":
        return jsonify(sentence=sentence(refusal)), 413
    return _not_taken(Form({}), refusal)


def _told(file: File, answers: list[Answer], shots: list[PhotoAnswer]) -> dict[str, Any]:
    """Return what became of a file as the page says it."""
    with reading(engine()) as session:
        called, claims = names.read(session), handed.claims(session, file, g.person.id)
        people = {claim.person: find(session, Person, claim.person).name for claim in claims.values()}
    whats = [story.unkept(told.body.encode(errors="replace"), called)[0] for told in file.events]
    apart = [
        (whats[n], sentence(answer.refusal))
        for n, answer in enumerate(answers)
        if answer.refusal is not None and n not in claims
    ]
    kept, known = (sum(answer.receipt is kind for answer in answers) for kind in (Receipt.KEPT, Receipt.ALREADY_KNOWN))
    refused = [sentence(shot.refusal) for shot in shots if shot.refusal]
    counts = {"kept": kept, "known": known, "apart": sum(answer.refusal is not None for answer in answers)}
    claimed = _claimed(claims, people, whats)
    return {**counts, "claims": claimed, "apart_told": apart, "photos": len(shots) - len(refused), "refused": refused}


def _claimed(claims: Mapping[int, Claim], people: Mapping[int, str], whats: Sequence[str]) -> list[dict[str, Any]]:
    """Return whose acts a file claims to tell, by person and phone, in the file's order."""
    by_phone = defaultdict[tuple[int, str], list[int]](list)
    for n, claim in claims.items():
        by_phone[claim.person, claim.device].append(n)
    return [
        {
            "name": people[person],
            "device": device,
            "rows": [claims[n].row for n in places],
            "times": sorted(at for n in places if (at := claims[n].at)),
            "whats": [whats[n] for n in places],
        }
        for (person, device), places in by_phone.items()
    ]
