"""A road engine that lives in the test: it answers like OSRM and Valhalla, and fails as it is told to."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Point = tuple[float, float]
Answer = tuple[int, dict[str, str], bytes]


def seconds(source: Point, target: Point) -> float:
    """A way's seconds: longer eastwards than westwards, so that a matrix turned over is seen."""
    east, north = (target[0] - source[0]) * 1000, (target[1] - source[1]) * 1000
    return round(abs(east) * (13 if east > 0 else 11) + abs(north) * 7 + (30 if source != target else 0), 1)


def metres(source: Point, target: Point) -> float:
    """A way's metres."""
    return round(seconds(source, target) * 10, 0)


@dataclass
class RoadEngine:
    """What the engine does, and what it was asked.

    `first` answers the next requests instead of it; `None` hangs up, and a function answers in its own time.
    """

    limit: int = 10_000
    first: list[Answer | Callable[[], Answer] | None] = field(default_factory=list)
    after: int | None = None
    far: dict[Point, float] = field(default_factory=dict)
    closed: set[tuple[Point, Point]] = field(default_factory=set)
    islands: set[Point] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    pairs: list[tuple[Point, Point]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, body: bytes) -> Answer | None:
        self.asked.append(path)
        if self.first:
            said = self.first.pop(0)
            return said() if callable(said) else said
        if self.after is not None and len(self.asked) > self.after:
            return None
        return self._osrm(path) if path.startswith("/table/") else self._valhalla(path, json.loads(body))

    def _osrm(self, path: str) -> Answer:
        url = urlsplit(path)
        query = parse_qs(url.query)
        points = [self._point(*map(float, point.split(","))) for point in url.path.split("/")[-1].split(";")]
        sources, targets = ([points[int(n)] for n in query[name][0].split(";")] for name in ("sources", "destinations"))
        if len(sources) * len(targets) > self.limit:
            return said({"code": "TooBig", "message": "Too many table coordinates"}, 400)
        ends = [{"distance": self.far.get(point, 4.0), "location": point} for point in targets]
        answer: dict[str, Any] = {"code": "Ok", "destinations": ends}
        for name, of in {"duration": seconds, "distance": metres}.items():
            if name in query["annotations"][0]:
                answer[f"{name}s"] = self._matrix(sources, targets, of)
        if "distance" in query["annotations"][0]:
            self.pairs += [(source, target) for source in sources for target in targets]
        return said(answer)

    def _valhalla(self, path: str, body: dict[str, Any]) -> Answer:
        if path == "/locate":
            return said([self._located(self._point(**point)) for point in body["locations"]])
        sources, targets = ([self._point(**point) for point in body[name]] for name in ("sources", "targets"))
        if len(sources) * len(targets) > self.limit:
            return said({"error_code": 150, "error": "Exceeded max locations"}, 400)
        if len({point in self.islands for point in (*sources, *targets)}) > 1:
            return said({"error_code": 170, "error": "Locations are in unconnected regions"}, 400)
        self.pairs += [(source, target) for source in sources for target in targets]
        times = self._matrix(sources, targets, seconds)
        ways = [[None if way is None else way / 1000 for way in row] for row in self._matrix(sources, targets, metres)]
        return said({"sources_to_targets": {"durations": times, "distances": ways}, "units": "kilometers"})

    def _located(self, point: Point) -> dict[str, Any]:
        if math.isinf(self.far.get(point, 0.0)):
            return {"edges": []}
        north = math.degrees(self.far.get(point, 4.0) / 6_371_008.8)
        return {"edges": [{"correlated_lon": point[0], "correlated_lat": point[1] + north}]}

    def _matrix(
        self, sources: list[Point], targets: list[Point], of: Callable[[Point, Point], float]
    ) -> list[list[float | None]]:
        return [[None if (source, target) in self.closed else of(source, target) for target in targets] for source in sources]

    @staticmethod
    def _point(lon: float, lat: float) -> Point:
        return round(lon, 6), round(lat, 6)


def said(body: object, status: int = 200, **headers: str) -> Answer:
    """What an engine says, as JSON."""
    return status, headers, json.dumps(body).encode()


class _Handler(BaseHTTPRequestHandler):
    engine: RoadEngine

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.engine.answer(self.path, body)
        if answer is None:
            self.close_connection = True
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has lost its patience, which is what some tests are for

    do_POST = do_GET  # noqa: N815 - the name is the standard library's

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(engine: RoadEngine) -> Iterator[RoadEngine]:
    """Let an engine answer on this machine for a while."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"engine": engine}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    engine.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield engine
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
