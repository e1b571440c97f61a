"""Keep the translation catalogues and the sources in step: every sentence is translated, and none is left over."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

SOURCES = ("bottles", "routing", "web")
TRANSLATIONS = Path("web/translations")
REQUIRED = ("fr",)
"""Languages that must be there. A message id is the English sentence, so English needs no catalogue."""

METHODS = [("**.py", "python"), ("templates/**.*", "jinja2")]
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "say")),
    **dict.fromkeys(("ngettext", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext"), ((1, "c"), 2)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def check() -> list[str]:
    """Return what is wrong, a sentence each."""
    wanted = messages()
    missing = [f"{_path(language)}: expected a catalogue, found none" for language in REQUIRED if not _path(language).exists()]
    wrong = [f"{path}: {fault}" for path in _catalogues() for fault in _faults(_read(path), wanted)]
    return missing + wrong


def update() -> None:
    """Bring each catalogue up to date: new sentences are empty, those no longer said are gone, nothing is guessed."""
    wanted = messages()
    for path in sorted({*_catalogues(), *map(_path, REQUIRED)}):
        catalogue = _read(path)
        catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            # no line numbers: they would change with every edit of a source
            write_po(out, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)


def messages() -> Catalog:
    """Collect every sentence that the sources mark."""
    catalogue = Catalog(charset="utf-8")
    for folder in SOURCES:
        for name, line, message, comments, context in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
            catalogue.add(message, None, [(f"{folder}/{name}", line)], auto_comments=comments, context=context)
    for path, line, sentence in _tables():
        catalogue.add(sentence, None, [(path, line)])
    return catalogue


def _tables() -> Iterator[tuple[str, int, str]]:
    """Find the sentences of floors that know no translation: the values of a table called SENTENCES."""
    for path in sorted(path for folder in SOURCES for path in Path(folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node):
                yield from ((str(path), text.lineno, str(text.value)) for text in _texts(node.value))


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == "SENTENCES" for target in targets)


def _texts(table: ast.expr | None) -> Iterator[ast.Constant]:
    values = table.values if isinstance(table, ast.Dict) else getattr(table, "elts", [])
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value


def _faults(catalogue: Catalog, wanted: Catalog) -> Iterator[str]:
    for message in wanted:
        if message.id and (fault := _fault(catalogue, message.id, message.context)):
            yield f"{fault}: {message.id!r} ({message.locations[0][0]})"
    for message in catalogue:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"no longer said anywhere: {message.id!r}"
    for key in catalogue.obsolete:
        yield f"kept as obsolete: {key!r}"


def _fault(catalogue: Catalog, key: str | tuple[str, ...] | list[str], context: str | None) -> str | None:
    message = catalogue.get(key, context)
    if message is None:
        return "missing"
    said = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(said):
        return "not translated"
    if message.fuzzy:
        return "only guessed (fuzzy)"
    # the plural names every value; the singular may leave the number out
    known = set(PLACEHOLDER.findall(key if isinstance(key, str) else " ".join(key)))
    if any(set(PLACEHOLDER.findall(text)) - known for text in said) or set(PLACEHOLDER.findall(said[-1])) != known:
        return f"placeholders differ, expected {sorted(known)}"
    return None


def _catalogues() -> list[Path]:
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


def _path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path) -> Catalog:
    language = path.parent.parent.name
    if not path.exists():
        return Catalog(locale=language, project="bouteilles", charset="utf-8", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=language, domain="messages", abort_invalid=True)


def main(task: str) -> None:
    """Check the catalogues or update them."""
    if task == "update":
        update()
    elif faults := check():
        sys.exit(
            "\n".join([*faults, f"{len(faults)} faults in the translations: `make messages` adds and removes, you translate."])
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
