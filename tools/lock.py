"""Choose the newest versions that `pyproject.toml` and `package.json` allow; the lock files hold no registry's address."""

import subprocess
from pathlib import Path

from .install import VENV, stop
from .libraries import npm

UV = str(VENV / "bin" / "uv")
EXPORT = [UV, "export", "--quiet", "--no-header", "--no-emit-project", "--no-annotate"]


def main() -> None:
    """Write requirements.lock, tools/node.lock and package-lock.json."""
    _run(UV, "lock", "--quiet", "--upgrade")
    _run(*EXPORT, "--output-file", "requirements.lock")
    _run(*EXPORT, "--only-group", "node", "--output-file", "tools/node.lock")
    # it holds the address of the registry that answered, which is nobody else's
    Path("uv.lock").unlink()
    command, _ = npm()
    _run(*command, "update", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved=true")


def _run(*command: str) -> None:
    if subprocess.run(command).returncode:
        stop(f"`{' '.join(command)}` failed, see above: the lock files may be half written, look at `git diff`.")


if __name__ == "__main__":
    main()
