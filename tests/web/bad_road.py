"""A road between a phone and the server on which everything goes wrong that does: told by a test, one fault for each call."""

import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

HOTEL = b"<!doctype html><title>Bienvenue</title><p>Acceptez nos conditions."
API = ("/api/v1/events", "/driver/handover")


@dataclass(frozen=True)
class Fault:
    """What happens to one call: an answer from somebody else, or so much of the question or of the answer and no more."""

    says: bytes = b""
    asks: Callable[[int], int] | None = None
    answers: Callable[[int], int] | None = None
    is_held: bool = False
    """The answer waits until the test lets it go."""


def somebody_else(status: str, body: bytes = HOTEL, *headers: str) -> Fault:
    """Answer without asking the server."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return Fault(says="\r\n".join(lines).encode() + b"\r\n\r\n" + body)


PLACES: dict[str, Callable[[int], int]] = {
    "byte 0": lambda _size: 0,
    "byte 1": lambda _size: 1,
    "half": lambda size: size // 2,
    "the last byte": lambda size: size - 1,
}
FAULTS = {
    "a hotel's page": somebody_else("200 OK"),
    "a redirect to a hotel": somebody_else("302 Found", b"", "Location: /sign-in"),
    "nothing at all, and well": Fault(says=b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "empty JSON": somebody_else("200 OK", b"{}"),
    "receipts for nothing": somebody_else("200 OK", b'{"receipts": []}'),
    "a page to sign in to a network": somebody_else("511 Network Authentication Required"),
    "status 500": somebody_else("500 Internal Server Error"),
    "status 502": somebody_else("502 Bad Gateway"),
    "status 503": somebody_else("503 Service Unavailable", HOTEL, "Retry-After: 0"),
    "status 504": somebody_else("504 Gateway Timeout"),
    "status 413": somebody_else("413 Content Too Large"),
    "status 400": somebody_else("400 Bad Request"),
    "status 429": somebody_else("429 Too Many Requests", HOTEL, "Retry-After: 0"),
    **{f"the question cut at {name}": Fault(asks=place) for name, place in PLACES.items()},
    **{f"the answer cut at {name}": Fault(answers=place) for name, place in PLACES.items()},
}


@dataclass
class Road:
    """The road: what will go wrong on it, and what went over it."""

    port: int
    server: tuple[str, int]
    faults: deque[Fault] = field(default_factory=deque)
    calls: list[bytes] = field(default_factory=list)
    met: list[tuple[Fault, bytes]] = field(default_factory=list)
    """Each fault that happened, and the call it happened to."""
    go_on: Event = field(default_factory=Event)
    arrived: Event = field(default_factory=Event)

    @property
    def address(self) -> str:
        """Return where a phone finds the server."""
        return f"http://127.0.0.1:{self.port}"


class Traveller(StreamRequestHandler):
    """Carries one call."""

    def handle(self) -> None:
        """Read the whole question, then do to it what the test said."""
        road: Road = self.server.road  # type: ignore[attr-defined]  # given below
        question = self._question()
        path = question.split(b" ", 2)[1].decode() if question.count(b" ") > 1 else ""
        is_watched = path.startswith(API)
        fault = Fault()
        if is_watched:
            road.calls.append(question)
        if is_watched and road.faults:
            fault = road.faults.popleft()
            road.met.append((fault, question))
        with suppress(OSError):
            self.wfile.write(fault.says or self._carried(road, question, fault))

    def _question(self) -> bytes:
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            # one call for each connection, so that a cut hits one call
            head += b"Connection: close\r\n" if line.lower().startswith(b"connection:") else line
        sizes = [line.split(b":")[1] for line in bytes(head).lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return bytes(head) + self.rfile.read(int(sizes[0]) if sizes else 0)

    @staticmethod
    def _carried(road: Road, question: bytes, fault: Fault) -> bytes:
        with socket.create_connection(road.server) as line:
            line.sendall(question[: fault.asks(len(question))] if fault.asks else question)
            if fault.asks:
                return b""
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        if fault.is_held:
            road.arrived.set()
            road.go_on.wait(30)
        return answer[: fault.answers(len(answer))] if fault.answers else answer


class Server(ThreadingTCPServer):
    """Many calls at a time: the page itself goes over the same road."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Say nothing of phones that hang up: they are what is tested."""


@contextmanager
def road_to(host: str, port: int) -> Iterator[Road]:
    """Lay a road to a server."""
    with Server(("127.0.0.1", 0), Traveller) as server:
        server.road = Road(server.server_address[1], (host, port))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.road
        finally:
            server.road.go_on.set()
            server.shutdown()
            thread.join()
