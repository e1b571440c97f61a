"""What alembic runs: a migration on the connection it is handed, or on the address of `-x url=...`."""

import importlib
import pkgutil
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum, String
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import bottles
from bottles.db import Utc, open_engine
from bottles.migrations import standing


def _render(kind: str, item: Any, to: AutogenContext) -> str | Literal[False]:
    """Write our column types so that a migration does not change when our code does."""
    if kind == "type" and isinstance(item, Utc | Enum):
        to.imports.add("from bottles.migrations.columns import choice, utc")
        return "utc()" if isinstance(item, Utc) else f'choice("{item.name}", "{" ".join(item.enums)}")'
    if kind == "type" and type(item) in (AutoString, String):
        return f"sa.String({item.length or ''})"
    return False


def _run(connection: Connection) -> None:
    for module in pkgutil.iter_modules(bottles.__path__, "bottles."):
        if module.name != "bottles.migrations":
            importlib.import_module(module.name)
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=standing(connection) is not None,  # only what alters a table need copy it, on SQLite
        render_item=_render,
        transactional_ddl=True,  # our SQLite connections begin transactions themselves, so its DDL is undone like any other
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    handed: Connection | None = context.config.attributes.get("connection")
    if handed is not None:
        _run(handed)
        return
    with open_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as connection:
        _run(connection)


_main()
