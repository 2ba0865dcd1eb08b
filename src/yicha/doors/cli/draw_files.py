"""The files from which `yicha draw freeze` takes what is drawn from."""

from __future__ import annotations

import json
from pathlib import Path

from yicha.decide.drawing.terms import StratumSpec
from yicha.kernel.refusal import Reason, Refused


def read_rows(path: Path | None, fields: int) -> list[tuple[str, ...]]:
    """The rows of a table; an option that was not given is a table without rows."""
    if path is None:
        return []
    text = path.read_bytes().decode("utf-8", "replace").removesuffix("\n")
    rows = [tuple(line.split("\t")) for line in text.split("\n")] if text else []
    wrong = [number for number, row in enumerate(rows, 1) if len(row) != fields]
    if wrong:
        sentence = "%(file)s, line %(line)s: %(fields)s fields joined by TAB are needed."
        facts = {"file": path.name, "line": wrong[0], "fields": fields}
        raise Refused([Reason("draw.file-fields", sentence, "yicha-draw/1, Files", facts)])
    return rows


def read_strata(path: Path | None) -> list[StratumSpec]:
    """The strata, as a list of {id, words, where, rate} in JSON."""
    if path is None:
        return []
    try:
        return [StratumSpec(**row) for row in json.loads(path.read_bytes())]
    except (ValueError, TypeError) as problem:
        sentence = "%(file)s: a list of {id, words, where, rate} in JSON is needed."
        raise Refused([Reason("draw.strata-file", sentence, facts={"file": path.name})]) from problem
