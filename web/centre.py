"""The centre's first page: vans on their way in, what waits, the line now and next, what is held, what is in stock."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

from bottles import batches, catalogue
from bottles.db import reading
from bottles.ledger import AccountKind
from bottles.people import Role

from . import centre_floor, centre_words
from .auth import allowed
from .centre_floor import MAY
from .current import engine
from .language import local
from .nav import Entry

bp = Blueprint("centre", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)

NAV = [
    Entry(_("Centre"), "centre.home", (Role.WASHER,), 10, "home"),
    Entry(_("Washing"), "centre_washing.washing", (Role.WASHER,), 20, "wash"),
    Entry(_("Crates"), "centre_crates.crates", (Role.WASHER,), 30, "crate"),
    Entry(_("Lots"), "centre_lots.lots", (Role.WASHER,), 40, "bottle", ("centre_pallets",)),
]


@bp.get("/")
@allowed(*MAY)
def home() -> ResponseReturnValue:
    """Show the centre at a glance; everything leads to its post."""
    today = local(g.now).date()
    with reading(engine()) as session:
        centre = centre_floor.here(session)
        types = catalogue.bottle_types(session)
        waiting = centre_floor.to_wash(session, centre.id)
        stock = centre_floor.stock(session, centre.id)
        values = {
            "centre": centre,
            "vans": centre_floor.vans(session, centre.id, today),
            "to_sort": centre_floor.to_sort(session, centre.id),
            "waiting": [(kind, waiting[kind.id]) for kind in types if waiting.get(kind.id)],
            "lines": centre_floor.lines(centre.id),
            "running": centre_floor.running(session, centre.id),
            "minutes": round(centre_floor.wash_seconds(centre.id, sum(waiting.values())) / 60),
            "to_inspect": batches.to_inspect(session, centre.id),
            "names": {kind.id: kind.name for kind in catalogue.bottle_types(session, accepted_only=False)},
            "clean": centre_floor.crates(session, AccountKind.CLEAN, centre.id),
            "unwashed": centre_floor.crates(session, AccountKind.RECEIVED, centre.id),
            "stock": [(kind, stock[kind.id]) for kind in types if stock.get(kind.id)],
        }
    return render_template("centre/home.html", today=today, **values)
