"""What a fresh machine reads before anything is installed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "tools/node.lock", "tools/roads.lock")
TARGETS = ("install", "demo", "test", "fast", "check", "browser", "bench", "roads", "messages", "lock", "clean")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_a_version_and_hashes(lock):
    requirements = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip())

    unsure = [line for line in requirements if not re.match(r"[\w.\[\]-]+==\S+[^\n]*\\\n +--hash=sha256:[0-9a-f]{64}", line)]

    assert unsure == []


def test_every_browser_library_has_a_version_and_a_hash():
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]

    installed = {name: about for name, about in packages.items() if name}

    assert installed
    assert [
        name for name, about in installed.items() if not (about["version"] and about["integrity"].startswith("sha512-"))
    ] == []


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_no_lock_file_holds_the_address_of_a_registry(lock):
    text = (ROOT / lock).read_text("utf-8")

    assert "://" not in text
    assert "resolved" not in text


def test_package_json_and_its_lock_agree():
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    locked = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"][""]

    assert package["private"] is True
    assert {kind: package[kind] for kind in ("dependencies", "devDependencies")} == {
        kind: locked[kind] for kind in ("dependencies", "devDependencies")
    }


def test_every_copied_library_has_its_licence_beside_it():
    from tools.libraries import FILES, VENDOR

    licences = (ROOT / VENDOR / "LICENCES.txt").read_text("utf-8")

    assert [name for name in FILES if f"{name} " not in licences] == []
    assert [target for files in FILES.values() for target in files.values() if not (ROOT / VENDOR / target).exists()] == []


@pytest.mark.parametrize("made", [".venv/", "web/static/vendor/", "instance/", "node_modules/", "build/"])
def test_what_the_set_up_makes_is_not_committed(made):
    assert made in (ROOT / ".gitignore").read_text("utf-8").splitlines()


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target_and_help_names_it(target):
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert re.search(rf'^\t@echo "make {target} ', makefile, re.MULTILINE)


@pytest.mark.parametrize(("python", "found"), [("python-that-is-not-there", "There is no"), ("./old-python", "is too old")])
def test_a_machine_without_a_fitting_python_reads_what_to_install(tmp_path, python, found):
    _copy_set_up(tmp_path)
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    answer = subprocess.run(["make", f"PYTHON={python}", "install"], cwd=tmp_path, capture_output=True, text=True)

    assert answer.returncode != 0
    assert found in answer.stderr
    assert "install Python 3.11 or newer" in answer.stderr


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_a_module_of_the_set_up_says_what_to_install(tmp_path, module):
    _copy_set_up(tmp_path)
    # stands for Debian's python3 without python3-venv
    (tmp_path / "sitecustomize.py").write_text(
        f"import importlib.util as i\nfind = i.find_spec\ni.find_spec = lambda name: None if name == {module!r} else find(name)"
    )

    answer = subprocess.run(
        [sys.executable, "-m", "tools.install", "locked"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert answer.returncode != 0
    assert answer.stderr.strip() == f"This Python lacks its module {module}: install it (Debian: apt-get install python3-venv)."


def _copy_set_up(folder: Path) -> None:
    (folder / "tools").mkdir()
    for name in ("Makefile", "requirements.lock", "tools/__init__.py", "tools/install.py"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
