"""The settings of the service itself, whatever territory it serves: pages, sign-in, jobs, proof, positions, mail."""
# setting() only describes a field, as dataclasses.field does

from dataclasses import dataclass

from .settings import setting


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where the pages are served, and whom the server believes."""

    bind: str = setting("Address to listen on.")
    port: int = setting("Port to listen on.", low=1, high=65535)
    workers: int = setting("Web processes.", low=1, high=64)
    threads: int = setting("Threads in each of them.", low=1, high=64)
    certificate: str = setting("Certificate to serve https with; empty: plain http, or a local authority's.", default="")
    key: str = setting("Key of that certificate.", default="")
    public_url: str = setting("What people type; links in mails and papers begin with it.", pattern="https?://[^/]+")
    hosts: tuple[str, ...] = setting("Other host names this server answers to.", default=())
    trusted_proxies: int = setting("Reverse proxies in front whose X-Forwarded headers are believed.", default=0, low=0, high=5)
    tiles: str = setting(
        "Address of map tiles, with {z}/{x}/{y}; empty: maps without a ground.", default="", pattern="(https://.+)?"
    )
    database: str = setting("SQLAlchemy URL; empty: instance/bouteilles.sqlite.", default="")


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """How long people stay signed in, and how often they may miss."""

    hours: float = setting("How long a sign-in lasts, hours.", low=0.1, high=720)
    driver_days: float = setting(
        "The same for drivers, who must not sign in on a hill without network, days.", low=0.1, high=90
    )
    tries_per_account: int = setting("Failed sign-ins an account may have within the window.", low=1)
    tries_per_address: int = setting("Failed sign-ins one address may make within the window.", low=1)
    window_minutes: int = setting("Length of that window, minutes.", low=1, high=1440)
    password_length: int = setting("Shortest password, characters.", low=8, high=64)


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """Work that takes seconds."""

    queue: str = setting(
        "URL of the PostgreSQL database that holds the queue, when workers run elsewhere; empty: a file in instance/.",
        default="",
        pattern="(postgresql://.+)?",
    )
    workers: int = setting("Plans that may be searched for at the same time.", low=1, high=32)
    sweep_minutes: int = setting("How often lost jobs are looked for, minutes.", low=1, high=1440)
    lost_seconds: int = setting("How long a job may give no sign of life before it is begun again, seconds.", low=10, high=3600)
    lease_seconds: int = setting("How long a silent scheduler keeps its lease, seconds.", low=5, high=3600)


@dataclass(frozen=True, kw_only=True)
class Audit:
    """How what was recorded is sealed."""

    seal_minutes: int = setting("How often rows are sealed, minutes.", default=60, low=1, high=1440)
    seal_rows: int = setting("Rows in a sealed block, at most.", default=1000, low=1, high=100_000)


@dataclass(frozen=True, kw_only=True)
class Positions:
    """Where drivers are who share it, while their route is on."""

    keep_days: int = setting("Days after which positions are erased; 0: none are taken.", default=60, low=0, high=365)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """Which mail server takes our mails; its password is the environment's BOUTEILLES_MAIL_PASSWORD."""

    host: str = setting("The mail server; empty: no mail is sent.", default="")
    port: int = setting("Its port.", default=587, low=1, high=65535)
    sender: str = setting("The address mails come from.", default="", pattern="(.+@.+)?")
    user: str = setting("Who signs in there; empty: nobody does.", default="")
    starttls: bool = setting("Whether the connection is encrypted.", default=True)
    near_minutes: int = setting(
        "How long before a van comes those are told who want it, minutes.", default=20, low=10, high=120
    )
