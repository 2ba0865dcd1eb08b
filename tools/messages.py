"""Message catalogues: `collect` what is to be translated, `check` that nothing is missing, `compile` to .mo.

Screens are in simplified Chinese by default; messages are written in English and translated in the catalogue of the
app or door that uses them. Words of packages without an app of their own (kernel, site, cli) are in the doors'.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "yicha"
SHARED = SOURCES / "doors"
CATALOGUE = Path("locale", "zh_Hans", "LC_MESSAGES", "django.po")
HEADER = {
    "Project-Id-Version": "yicha",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
SINGLE = {"gettext", "gettext_lazy", "gettext_noop", "_"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
SENTENCES = {"Reason": 1, "_refusal": 1, "fault": 1, "_at": 1}
"""Calls that carry a sentence that a door translates, and where it stands; a `sentence=` counts in any call."""
PLACES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


@dataclass(frozen=True)
class Message:
    """A text to translate, and where it was found."""

    text: str
    plural: str
    context: str
    owner: Path
    place: str

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.text


def find_messages() -> list[Message]:
    """Every message of the product, in the order of files and lines."""
    found: list[Message] = []
    for file in sorted(SOURCES.rglob("*")):
        if {"tests", "migrations", "static", "locale", "__pycache__"} & set(file.relative_to(SOURCES).parts):
            continue
        if file.suffix == ".py":
            found.extend(_from_python(file))
        elif file.suffix in {".html", ".txt"} and "templates" in file.parts:
            found.extend(_from_template(file))
    return found


def owner_of(file: Path) -> Path:
    """The folder whose catalogue holds the messages of a file: its app or door."""
    folder = file.parent
    while folder != SOURCES:
        if (folder / "apps.py").exists():
            return folder
        folder = folder.parent
    return SHARED


def _from_python(file: Path) -> Iterator[Message]:
    tree = ast.parse(file.read_text("utf-8"))
    calls = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.Call)), key=lambda node: node.lineno
    )
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        texts = [_text(argument) for argument in call.args]
        text, plural, context = "", "", ""
        if name in SINGLE and texts:
            text = texts[0]
        elif name in PLURAL and len(texts) > 1:
            text, plural = texts[0], texts[1]
        elif name in IN_CONTEXT and len(texts) > 1:
            context, text = texts[0], texts[1]
        elif name in SENTENCES and len(texts) > SENTENCES[name]:
            text = texts[SENTENCES[name]]
        else:
            text = next((_text(word.value) for word in call.keywords if word.arg == "sentence"), "")
        if text:
            yield Message(text, plural, context, owner_of(file), _place(file, call.lineno))


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _from_template(file: Path) -> Iterator[Message]:
    from django.utils.translation.template import templatize

    source = io.BytesIO(templatize(file.read_text("utf-8"), origin=str(file)).encode())
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
    for line, found, _comments, context in extract("python", source, keywords=keywords):
        texts = (found,) if isinstance(found, str) else tuple(part or "" for part in found)
        plural = texts[1] if len(texts) > 1 else ""
        yield Message(texts[0], plural, context or "", owner_of(file), _place(file, line))


def _place(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT).as_posix()}:{line}"


def read_catalogues() -> dict[Path, polib.POFile]:
    """Every catalogue, by the folder that owns it."""
    return {
        file.parents[2]: polib.pofile(str(file), encoding="utf-8", check_for_duplicates=True)
        for file in sorted(SOURCES.rglob("django.po"))
    }


def collect(under: str) -> int:
    """Add what no catalogue has yet to the owner's, with an empty translation; returns how many were added."""
    _configure()
    catalogues = {owner.parent: book for owner, book in read_catalogues().items()}
    known = {(entry.msgctxt or "", entry.msgid) for book in catalogues.values() for entry in book}
    added = 0
    for message in find_messages():
        if message.key in known or under not in str(message.owner):
            continue
        known.add(message.key)
        book = catalogues.setdefault(message.owner, _new_catalogue())
        entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None, msgstr="")
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {0: ""}
        book.append(entry)
        added += 1
        file = message.owner / CATALOGUE
        file.parent.mkdir(parents=True, exist_ok=True)
        book.save(str(file))
        print(f"{file.relative_to(ROOT)}: {message.text}")
    return added


def _new_catalogue() -> polib.POFile:
    book = polib.POFile(wrapwidth=0)
    book.metadata = dict(HEADER)
    return book


def find_faults() -> list[str]:
    """What is wrong with the catalogues, one sentence each: missing, empty, fuzzy, contradicting, other places."""
    _configure()
    translated: dict[tuple[str, str], tuple[str, Path]] = {}
    faults: list[str] = []
    for folder, book in read_catalogues().items():
        for entry in book:
            faults.extend(_faults_of(entry, folder))
            key, text = (entry.msgctxt or "", entry.msgid), _translation(entry)
            if key in translated and translated[key][0] != text and text and translated[key][0]:
                faults.append(
                    f"{_name(folder)}: “{entry.msgid}” is translated otherwise in {_name(translated[key][1])}"
                )
            if text:
                translated[key] = (text, folder)
    for message in find_messages():
        if message.key not in translated:
            faults.append(f"{message.place}: “{message.text}” has no Chinese")
    return list(dict.fromkeys(faults))


def _faults_of(entry: polib.POEntry, folder: Path) -> Iterator[str]:
    if entry.obsolete:
        return
    if entry.fuzzy:
        yield f"{_name(folder)}: “{entry.msgid}” is marked fuzzy"
    text = _translation(entry)
    if not text:
        yield f"{_name(folder)}: “{entry.msgid}” has no Chinese"
        return
    wanted = _places(entry.msgid) | _places(entry.msgid_plural or "")
    if _places(text) - wanted or (_places(entry.msgid) - _places(text) and not entry.msgid_plural):
        yield f"{_name(folder)}: “{entry.msgid}” and “{text}” have other places to fill"


def _translation(entry: polib.POEntry) -> str:
    return str(entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr)


def _places(text: str) -> set[str]:
    return {first or second for first, second in PLACES.findall(text)}


def _name(locale: Path) -> str:
    return locale.parent.relative_to(ROOT).as_posix()


def compile_all() -> int:
    """Make a .mo beside every .po; returns how many."""
    for folder, book in read_catalogues().items():
        book.save_as_mofile(str(folder / "zh_Hans" / "LC_MESSAGES" / "django.mo"))
    return len(read_catalogues())


def _configure() -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)


def main(arguments: list[str] | None = None) -> int:
    """The command line of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("act", choices=["collect", "check", "compile"])
    parser.add_argument("under", nargs="?", default="", help="only owners whose folder contains this")
    given = parser.parse_args(arguments)
    if given.act == "collect":
        print(f"{collect(given.under)} added")
        return 0
    if given.act == "compile":
        print(f"{compile_all()} catalogues compiled")
        return 0
    faults = [fault for fault in find_faults() if given.under in fault]
    print("\n".join(faults) if faults else "every message has its Chinese")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
