"""Make `.venv` from `requirements.lock`, then put the project itself into it.

This runs on the machine's own Python before anything is installed, so it needs nothing but the standard library.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
LOCK = Path("requirements.lock")


def main(what: str) -> None:
    """Install what the lock names, or the project."""
    {"locked": locked, "project": project}[what]()


def locked() -> None:
    """Install every version that the lock names, hashes checked."""
    make_environment()
    packages(LOCK)


def project() -> None:
    """Install the project in place: a change to its code needs no new install."""
    # the lock holds the build tool, so nothing is fetched that it does not name
    install("--no-deps", "--no-build-isolation", "--editable", ".")


def packages(lock: Path) -> None:
    """Install what a lock file names, and nothing that it does not."""
    print(f"Installing the packages of {lock} into .venv ...")
    install("--require-hashes", "--no-deps", "--requirement", str(lock))


def make_environment() -> None:
    """Make the virtual environment, unless a working one is there."""
    if _works(PYTHON):
        return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            stop(f"This Python lacks its module {module}: install it (Debian: apt-get install python3-venv).")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        print(made.stdout.decode(errors="replace"), file=sys.stderr)
        stop("`python3 -m venv .venv` failed, see above: install venv and pip (Debian: apt-get install python3-venv).")


def install(*what: str) -> None:
    """Install with uv, ten times as fast; with pip where uv cannot, which has settings of its own."""
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--system-certs", "--python", str(PYTHON)]
    if _uv() and _run([*uv, *_mirror(), *what]):
        return
    print("uv could not install this: pip takes over, more slowly.", file=sys.stderr)
    if not _pip(*what):
        stop("pip could not install this, see above: check the network and pip's own settings (`pip config list`).")


def stop(sentence: str) -> None:
    """Say what is missing and what to do about it, and end."""
    sys.exit(sentence)


def _works(python: Path) -> bool:
    return python.exists() and _run([str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"])


def _uv() -> bool:
    """Get the uv that the lock names, with its hashes checked as for any other package."""
    pinned = re.search(r"^uv==(?:.*\\\n)+.*$", LOCK.read_text("utf-8"), re.MULTILINE)
    if pinned is None:
        return False
    proof = VENV / ".stamps" / "uv.lock"
    if proof.exists() and proof.read_text("utf-8") == pinned.group():
        return True
    asked = VENV / "uv.lock"
    asked.write_text(pinned.group(), "utf-8")
    if not _pip("--require-hashes", "--requirement", str(asked)):
        return False
    proof.parent.mkdir(exist_ok=True)
    asked.rename(proof)
    return True


def _mirror() -> list[str]:
    """Return what makes uv ask the registry that pip is set to ask, where it is not the public one."""
    settings = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], stdout=subprocess.PIPE).stdout.decode()
    chosen = re.search(r"\.index-url='([^']+)'", settings)
    return ["--default-index", chosen.group(1)] if chosen else []


def _pip(*what: str) -> bool:
    return _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", *what])


def _run(command: list[str]) -> bool:
    return subprocess.run(command).returncode == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
