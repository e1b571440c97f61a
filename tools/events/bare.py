"""The least a server can do with a batch: read its JSON, write its rows, answer after the commit."""

import json
import os
from typing import Any

import sqlalchemy as sa
from flask import Flask, request

from bottles.db import open_engine
from web.api import batches

TABLE = sa.Table(
    "bare",
    sa.MetaData(),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(24)),
    sa.Column("at", sa.String(40)),
    sa.Column("device", sa.String(40)),
    sa.Column("sequence", sa.Integer),
    sa.Column("crate", sa.String(40)),
    sa.Column("body", sa.LargeBinary),
)


def served() -> Flask:
    """Make the app."""
    app = Flask(__name__)
    engine = open_engine(os.environ["BOUTEILLES_DATABASE"])
    TABLE.create(engine, checkfirst=True)

    @app.post("/api/v1/events")
    def events() -> dict[str, Any]:
        bodies = batches.cut(request.get_data(cache=False))
        said = [(json.loads(body), body) for body in bodies]
        columns = ("id", "kind", "at", "device", "sequence", "crate")
        rows = [{**{name: one.get(name) for name in columns}, "body": body} for one, body in said]
        with engine.begin() as connection:
            connection.execute(sa.insert(TABLE), rows)
        return {"receipts": [{"id": row["id"], "receipt": "kept"} for row in rows]}

    return app
