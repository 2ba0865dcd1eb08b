"""The decision table of the gate in its guide, made from the rules: `write` it, or `--check` that it is up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from yicha.decide.gate.rules.kinds import GroundKind
from yicha.decide.gate.rules.table import THEMES, list_kinds
from yicha.decide.gate.rules.verdicts import first_left
from yicha.decide.gate.terms import Bars

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "guide" / "gate.md"
BEGIN, END = (
    "<!-- made by tools/decision_table.py: begin -->",
    "<!-- made by tools/decision_table.py: end -->",
)
BARS = {
    Bars.NOTHING: "nothing",
    Bars.NEW_VISIT: "a visit of its own",
    Bars.ENTRY: "entry",
    Bars.EVERYTHING: "everything",
}


def make_table() -> str:
    """The generated part: what is left under which bars, then every ground by theme."""
    lines = [BEGIN, "", *_preference()]
    for theme in THEMES:
        lines += ["", f"### {(theme.__doc__ or '').strip().rstrip('.')}", ""]
        lines += [
            "| code | says | bars | lifted by | leans on | source |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_row(kind) for kind in list_kinds(theme)]
    return "\n".join([*lines, "", END])


def _preference() -> Iterator[str]:
    yield (
        "| there is a result | a visit to join | data | "
        + " | ".join(f"{word} barred" for word in BARS.values())
        + " |"
    )
    yield "| --- " * (3 + len(BARS)) + "|"
    for result, joined, offsite in product((True, False), repeat=3):
        there = [("yes" if one else "–") for one in (result, joined, offsite)]
        left = [first_left(bars, result=result, joined=joined, offsite=offsite) for bars in BARS]
        yield "| " + " | ".join([*there, *(one.value if one else "*defer or refuse*" for one in left)]) + " |"


def _row(kind: GroundKind) -> str:
    lifted = [word for word, holds in (("waiting", kind.passes), ("an answer", kind.answerable)) if holds]
    bars = f"speaks for **{kind.leads_to.value}**" if kind.leads_to else BARS[kind.bars]
    cells = (
        f"`{kind.code}`",
        kind.sentence,
        bars,
        " or ".join(lifted),
        ", ".join(kind.leans_on),
        kind.source,
    )
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """A sentence with its places as readers know them: *item* for %(item)s."""
    return text.replace("%(", "*").replace(")s", "*").replace("|", "\\|")


def put_in(text: str) -> str:
    """The guide with its table made anew. ValueError: the guide has no place for it."""
    begin, end = text.index(BEGIN), text.index(END) + len(END)
    return text[:begin] + make_table() + text[end:]


def main(arguments: list[str] | None = None) -> int:
    """The command line of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when the table is out of date"
    )
    given = parser.parse_args(arguments)
    old = GUIDE.read_text("utf-8")
    new = put_in(old)
    if given.check:
        print("the decision table is up to date" if new == old else "run: python tools/decision_table.py")
        return 0 if new == old else 1
    GUIDE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
