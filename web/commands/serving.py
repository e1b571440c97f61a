"""What `run` and `demo` share: where they listen, and https."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from web.commands import Stop
from web.surroundings import Surroundings

if TYPE_CHECKING:
    from web.tls import Served

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class Wish:
    """What was typed about https."""

    tls: bool
    cert: Path | None
    key: Path | None


def options(command: Command) -> Command:
    """Add the options that both have."""
    for option in (
        click.option("--key", type=FILE, help="That certificate's key."),
        click.option("--cert", type=FILE, help="A certificate to serve https with (default: config.toml's)."),
        click.option("--tls", is_flag=True, help="Serve https; without a certificate, with one of a local authority."),
        click.option("--host", help="Address to listen on; 0.0.0.0 for phones nearby."),
        click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default: config.toml's)."),
    ):
        command = option(command)
    return command


def demand_port(here: Surroundings, host: str) -> None:
    """Go no further when somebody listens there already."""
    from web import group

    if not group.is_free(host, here.config.server.port):
        raise Stop(f"Port {here.config.server.port} of {host} is taken: end what listens there, or choose another with --port.")


def secured(here: Surroundings, host: str, wish: Wish) -> "tuple[Surroundings, Served | None]":
    """Return the surroundings and the certificate to serve with; None for plain http.

    Raises
    ------
    Stop
        One of a pair was given.
    SettingError
        The certificate cannot be served with.
    """
    server = here.config.server
    if bool(wish.cert) != bool(wish.key):
        raise Stop("--cert and --key belong together: give both, or neither.")
    pair = (wish.cert, wish.key) if wish.cert else _of_config(here)
    is_named = bool(wish.cert) or bool(server.certificate and not here.demo)
    if not (wish.tls or is_named):
        return here, None
    # loaded only now: a plain start does without
    from web import tls

    if pair and pair[0] and pair[1]:
        return tls.given(here, host, pair[0].resolve(), pair[1].resolve())
    return tls.local(here, host)


def _of_config(here: Surroundings) -> tuple[Path, Path] | None:
    server, beside = here.config.server, here.config_path.parent
    return (beside / server.certificate, beside / server.key) if server.certificate else None


def serve(
    here: Surroundings, host: str, served: "Served | None", on_ready: Callable[[str], object], workers: int | None = None
) -> int:
    """Serve until told to end, and return the exit code; a certificate of ours is kept young meanwhile."""
    from web import group

    def tend() -> None:
        """Renew under the names of the start: which hosts are answered was settled then."""
        if served and served.made:
            from web import tls

            tls.renew(here, served.names)

    pair = (served.certificate, served.key) if served else None
    return group.serve(here, workers=workers, host=host, certificate=pair, tend=tend, on_ready=on_ready)


def greet(served: "Served | None") -> None:
    """Say what phones type, and how they come to trust a local authority."""
    if served is None:
        return
    click.echo("Phones reach it on " + ", ".join(served.addresses))
    if served.made is None:
        return
    from web import authority

    trust = f"{served.addresses[0]}/trust"
    if served.made.is_new:
        click.echo("A local authority was made: every phone has to be told to trust it, once.")
    click.echo(f"How a phone learns to trust it: {trust}")
    click.echo(f"Compare there (SHA-256): {authority.fingerprint(authority.load(served.made.authority))}")
    if sys.stdout.isatty():
        click.echo(drawn(trust))


def drawn(link: str) -> str:
    """Draw a QR in characters, light on a dark terminal."""
    import qrcode  # type: ignore[import-untyped]  # it ships no types

    code = qrcode.QRCode(border=2)
    code.add_data(link)
    out = io.StringIO()
    code.print_ascii(out=out, invert=True)
    return out.getvalue()
