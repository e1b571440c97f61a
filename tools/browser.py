"""Find the Chromium that browser tests use, or install one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .install import stop

LIGHT = "chromium-headless-shell"
"""Draws pages and nothing around them: a page opens in half the time, and two cores serve two of them."""

NAMES = (LIGHT, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = ("fonts-dejavu-core", "fonts-liberation")
HINT = "No Chromium was found, so the browser tests are skipped: `make browser` installs one."


def chromium() -> str | None:
    """Return the path of a Chromium: the system's, else Playwright's own, or None."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _playwrights()


def _playwrights() -> str | None:
    home = Path(
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / _CACHES.get(sys.platform, ".cache") / "ms-playwright"
    )
    binaries = (path for pattern in _PLAYWRIGHT_BINARIES for path in sorted(home.glob(pattern)))
    return next((str(path) for path in binaries if os.access(path, os.X_OK)), None)


_CACHES = {"darwin": "Library/Caches"}
_PLAYWRIGHT_BINARIES = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def install() -> None:
    """Install the light Chromium where Debian has it and we may; elsewhere any that is found does, or else Playwright's own."""
    if shutil.which(LIGHT) or _debians() or chromium():
        return
    if not _run(sys.executable, "-m", "playwright", "install", "chromium") or not chromium():
        stop("No Chromium could be installed: install one yourself (Debian, as root: apt-get install chromium).")


def _debians() -> bool:
    if not shutil.which("apt-get"):
        return False
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and not shutil.which("sudo"):
        return False
    quiet = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    return _run(*quiet, "update") and _run(*quiet, "install", "--yes", "--no-install-recommends", LIGHT, *FONTS)


def _run(*command: str) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        install()
    elif chromium() is None:
        print(HINT)
