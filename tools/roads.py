"""Fetch OSRM and Valhalla, prepare a map for them and run them: for tests, for measures, and for trying them out.

Both come as Python packages for 3.12 and newer; the programs in them need no Python, so any version may unpack them.

    python -m tools.roads fetch
    python -m tools.roads osrm FILE.osm.pbf [PORT]
    python -m tools.roads valhalla FILE.osm.pbf [PORT]
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .install import stop

LOCK = Path(__file__).parent / "roads.lock"
HOME = Path("build/roads").resolve()
PROGRAMS = HOME / "programs"
OSRM = PROGRAMS / "osrm"
VALHALLA = PROGRAMS / "valhalla"
ENGINES = {"osrm": OSRM / "bin" / "osrm-routed", "valhalla": VALHALLA / "bin" / "valhalla_service"}
PATIENCE = 30
"""Seconds until an engine must answer."""

Address = str


def main(arguments: Sequence[str]) -> None:
    """Do what is asked; without an answer to that, say what can be."""
    if list(arguments) == ["fetch"]:
        fetch()
    elif len(arguments) in (2, 3) and arguments[0] in ENGINES:
        serve(arguments[0], Path(arguments[1]), int(arguments[2]) if len(arguments) == 3 else free_port())
    else:
        stop(__doc__ or "")


def fetch() -> None:
    """Fetch both packages, hashes checked, and unpack them under build/roads."""
    if all(program.exists() for program in ENGINES.values()):
        return
    wheels = HOME / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    print("Fetching OSRM and Valhalla ...")
    wanted = ["--require-hashes", "--requirement", str(LOCK), "--no-deps", "--python-version", "3.12", "--only-binary", ":all:"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    if subprocess.run([*pip, *wanted, "--dest", str(wheels)]).returncode:
        stop("pip could not fetch the road engines, see above: check the network, and whether there are some for this machine.")
    for wheel in sorted(wheels.glob("*.whl")):
        unpack(wheel)


def unpack(wheel: Path) -> None:
    """Unpack a wheel, and make its programs executable, which zip files forget."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(PROGRAMS)
    for program in PROGRAMS.glob("*/bin/*"):
        program.chmod(0o755)


def missing(engine: str) -> str | None:
    """Say what an engine lacks to run here, or None."""
    if not ENGINES[engine].exists():
        return f"{engine} is not here: `make roads` fetches it"
    return None


def serve(engine: str, extract: Path, port: int) -> None:
    """Run an engine over a map until it is interrupted."""
    if lacking := missing(engine):
        stop(lacking)
    with running(engine, extract, port=port) as (address, process):
        print(f"{engine} answers at {address}")
        process.wait()


@contextmanager
def running(engine: str, extract: Path, *, port: int | None = None) -> Iterator[tuple[Address, subprocess.Popen[bytes]]]:
    """Prepare the map, unless that was done before, and run the engine on this machine alone."""
    port = port or free_port()
    prepared = {"osrm": prepare_osrm, "valhalla": prepare_valhalla}[engine](extract)
    # the path of a socket may have 107 characters, so it cannot lie in build/
    with tempfile.TemporaryDirectory(prefix="roads-") as sockets, (prepared.parent / f"{engine}.log").open("wb") as log:
        command = _osrm(prepared, port) if engine == "osrm" else _valhalla(prepared, port, Path(sockets))
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _await(process, port, log.name)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()
            process.wait()


def prepare_osrm(extract: Path) -> Path:
    """Extract, partition and customise the roads for cars."""
    base = _folder(extract, "osrm") / "roads.osrm"
    if not base.with_suffix(".osrm.cell_metrics").exists():
        copy = base.with_name("roads.osm.pbf")
        copy.write_bytes(extract.read_bytes())
        one = ["--threads", "1"]
        _run(OSRM / "bin" / "osrm-extract", *one, "--profile", OSRM / "share" / "profiles" / "car.lua", copy)
        _run(OSRM / "bin" / "osrm-partition", *one, base)
        _run(OSRM / "bin" / "osrm-customize", *one, base)
    return base


def _osrm(base: Path, port: int) -> list[str]:
    place = ["--ip", "127.0.0.1", "--port", str(port), "--threads", "1"]
    return [str(ENGINES["osrm"]), "--algorithm", "mld", *place, str(base)]


def prepare_valhalla(extract: Path) -> Path:
    """Write a configuration and build the tiles."""
    folder = _folder(extract, "valhalla")
    made = folder / "valhalla.json"
    if not made.exists():
        tiles = folder / "tiles"
        tiles.mkdir(exist_ok=True)
        script = VALHALLA / "valhalla_build_config.py"
        said = subprocess.run([sys.executable, str(script), "--mjolnir-tile-dir", str(tiles)], capture_output=True, check=True)
        config = folder / "building.json"
        config.write_bytes(said.stdout)
        _run(VALHALLA / "bin" / "valhalla_build_tiles", "--config", config, "--concurrency", "1", extract.resolve())
        config.rename(made)
    return made


def _valhalla(made: Path, port: int, sockets: Path) -> list[str]:
    """Have the service listen on this machine alone, and its parts talk through sockets of their own."""
    config: dict[str, Any] = json.loads(made.read_text("utf-8"))
    for part in ("loki", "thor", "odin"):
        config[part]["service"]["proxy"] = f"ipc://{sockets / part}"
    inner = {name: f"ipc://{sockets / name}" for name in ("loopback", "interrupt")}
    config["httpd"]["service"].update(inner, listen=f"tcp://127.0.0.1:{port}")
    running = sockets / "valhalla.json"
    running.write_text(json.dumps(config), "utf-8")
    return [str(ENGINES["valhalla"]), str(running), "1"]


def _folder(extract: Path, engine: str) -> Path:
    # the same name with other roads in it must not find the old tiles
    stamp = f"{extract.name.split('.')[0]}-{extract.stat().st_size}"
    folder = HOME / "maps" / stamp / engine
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run(*command: Path | str) -> None:
    made = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise RuntimeError(f"{command[0]} failed: {made.stdout.decode(errors='replace')[-500:]}")


def _await(process: subprocess.Popen[bytes], port: int, log: str) -> None:
    """Wait until somebody answers, whatever it is."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=1).close()
            return
        except urllib.error.HTTPError:
            return  # OSRM knows no /status, and says so
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the engine does not answer; it says: {Path(log).read_text(errors='replace')[-500:]}")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def extracts() -> list[Path]:
    """List the maps in the folder that BOUTEILLES_ROADS names."""
    folder = os.environ.get("BOUTEILLES_ROADS")
    return sorted(Path(folder).glob("*.osm.pbf")) if folder else []


if __name__ == "__main__":
    main(sys.argv[1:])
