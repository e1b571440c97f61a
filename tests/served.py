"""Serves an app to a browser from this process: lines stay open, and a file of web/static is asked of the app once.

Werkzeug's own handler closes the line after each answer, then listens for ten milliseconds more, and writes every question
into the log that pytest keeps. To open the driver's app is a hundred questions.
"""

import traceback
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

Answer = tuple[str, list[tuple[str, str]], bytes]
Kept = dict[tuple[str, str], Answer]
"""Whole files by address and query, as an app answered them: what it says beside them must not change meanwhile."""

IN_PART = ("HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
WRONG: Answer = ("500 Internal Server Error", [("Content-Type", "text/plain")], b"")


class Served:
    """An app, and what it need not be asked again."""

    def __init__(self, app: Flask, kept: Kept | None) -> None:
        self.app, self.kept = app, kept

    def answer(self, environ: dict[str, Any]) -> Answer:
        """Answer a question as a whole."""
        key = (environ["PATH_INFO"], environ["QUERY_STRING"])
        if self.kept is None or not self._is_file(environ):
            return self._ask(environ)
        if key not in self.kept:
            told = self._ask(environ)
            if not told[0].startswith("200") or any(name.lower() == "set-cookie" for name, _ in told[1]):
                return told
            self.kept[key] = told
        return self.kept[key]

    @staticmethod
    def _is_file(environ: dict[str, Any]) -> bool:
        is_whole = environ["REQUEST_METHOD"] == "GET" and not any(name in environ for name in IN_PART)
        return is_whole and environ["PATH_INFO"].startswith("/static/")

    def _ask(self, environ: dict[str, Any]) -> Answer:
        parts, status, headers = run_wsgi_app(self.app, environ)
        try:
            return status, list(headers), b"".join(parts)
        finally:
            parts.close()  # type: ignore[attr-defined]  # werkzeug's has it


class Handler(WSGIRequestHandler):
    """Reads a whole question, writes a whole answer, and waits for the next question on the same line."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one question."""
        environ = self.make_environ()
        environ["wsgi.input"] = BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        try:
            status, headers, body = self.server.app.answer(environ)
        except Exception:
            self.server.log("error", traceback.format_exc())
            status, headers, body = WRONG
        self._tell(status, headers, body)

    def _tell(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names and code not in ("204", "304"):
            self.send_header("Content-Length", str(len(body)))
        if not self.server.multithread:
            # a line that stays open would keep everybody else out
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing: a report says what failed, and not the hundred questions before."""


@pytest.fixture(scope="session")
def files() -> dict[str, Kept]:
    """The files that one test's server has answered, for the next test's: by the name of what is served."""
    return defaultdict(dict)


@contextmanager
def serving(app: Flask, *, threaded: bool = True, kept: Kept | None = None) -> Iterator[str]:
    """Serve an app on a port of its own, and give its address.

    Parameters
    ----------
    app
        Who answers.
    threaded
        Whether several questions are answered at once.
    kept
        Where files are kept for the next app that answers alike.
    """
    server = make_server("127.0.0.1", 0, Served(app, kept), threaded=threaded, request_handler=Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
