"""`yicha import KIND FILE`: check a table, say what it would do, and do it."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yicha.ingest.exchange.queries import RowChange
    from yicha.ingest.exchange.terms import CellProblem, ImportKind, NoteCount

SHOWN = 20
"""Changed rows that are printed; bad cells are printed all."""

DESCRIPTION = """\
Checks FILE (CSV or XLSX) and prints every bad cell with row, column, value and reason, what would be new, changed and
unchanged, and the balance: rows in = new + changed + unchanged + rejected. Then applies it in one transaction;
with --dry-run it stops before. Rejected rows are left out and the rest is applied.

Exit code: 0 every row was taken, 1 rows were rejected or the file was refused, 2 wrong usage."""


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "import",
        help="check and apply a table of enterprises, officers, items or joint lists",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The headers that are understood: docs/guide/import.md",
    )
    parser.add_argument("kind", metavar="KIND", help="enterprises, officers, items or joint-lists")
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV or XLSX")
    parser.add_argument(
        "--mapping",
        metavar="M",
        default="",
        help="what unknown headers mean: a file of JSON or of lines header=column, or the name of a remembered mapping",
    )
    parser.add_argument("--dry-run", action="store_true", help="check only, change nothing")
    parser.add_argument(
        "--report", metavar="OUT.xlsx", type=Path, help="write the rejected rows with their reasons"
    )
    parser.add_argument(
        "--encoding", metavar="NAME", default="", help="utf-8, utf-16 or gb18030, if it is guessed wrong"
    )
    parser.add_argument(
        "--undo", action="store_true", help="undo the last applied import of this KIND and FILE"
    )
    parser.set_defaults(run=run, needs_database=True)


def run(args: argparse.Namespace) -> int:
    from yicha.ingest.exchange import queries

    kind = queries.find_kind(args.kind)
    if kind is None:
        names = ", ".join(known.name for known in queries.list_kinds())
        print(f"There is no kind “{args.kind}”; there are: {names}.", file=sys.stderr)
        return 2
    return _undo(args) if args.undo else _import(args, kind)


def _import(args: argparse.Namespace, kind: ImportKind) -> int:
    from yicha.ingest.exchange import queries, services
    from yicha.kernel import clock
    from yicha.kernel.refusal import Refused

    source, now = services.Source(args.file, args.file.name, args.encoding), clock.now()
    mapping, name = _mapping(args, kind)
    entry = services.receive(kind.name, source, actor=_actor(), now=now, mapping=mapping)
    try:
        entry = services.check(entry, source, actor=_actor(), now=now, name=name, on_progress=_Bar())
    except Refused:
        services.discard(entry)
        raise
    for remark in queries.remarks_of(entry):
        print(remark)
    _print_notes(kind, queries.notes_of(entry))
    _print_problems(kind, entry)
    _print_changes(kind, queries.list_changes(entry, SHOWN))
    print(_balance(entry))
    if args.report:
        written = services.write_report(entry, source, args.report)
        print(f"{args.report}: {written} rejected rows with their reasons.")
    if args.dry_run:
        services.discard(entry)
        print("Dry run: nothing was changed.")
    else:
        services.apply(entry, actor=_actor(), now=now)
        print("Applied.")
    return 1 if entry.rows_rejected else 0


def _undo(args: argparse.Namespace) -> int:
    from yicha.ingest.exchange import queries, services
    from yicha.kernel import clock
    from yicha.kernel.refusal import Reason, Refused

    source = services.Source(args.file, args.file.name)
    entry = queries.find_applied(args.kind, services.hash_of(source))
    if entry is None:
        raise Refused(
            [
                Reason(
                    "import.not-applied",
                    "No applied import of “%(name)s” is left to undo.",
                    facts={"name": args.file.name},
                )
            ]
        )
    services.undo(entry, actor=_actor(), now=clock.now())
    print(f"Undone: {entry.rows_new} new rows removed, {entry.rows_changed} changed rows put back.")
    return 0


def _mapping(args: argparse.Namespace, kind: ImportKind) -> tuple[dict[str, str], str]:
    """The mapping that was asked for, and the name under which to remember it."""
    from yicha.ingest.exchange import queries, services
    from yicha.kernel.refusal import Reason, Refused

    if not args.mapping:
        return {}, ""
    path = Path(args.mapping)
    if path.is_file():
        read = services.read_mapping(path.read_text("utf-8"))
        if isinstance(read, Reason):
            raise Refused([read])
        return read, path.stem[:100]
    found = queries.find_named_mapping(kind.name, args.mapping)
    if found is None:
        raise Refused(
            [
                Reason(
                    "import.mapping-missing",
                    "There is no file and no remembered mapping “%(name)s”.",
                    facts={"name": args.mapping},
                )
            ]
        )
    return found, args.mapping


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


class _Bar:
    """Says how far it is on stderr, if somebody looks."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, share: float) -> None:
        percent = int(share * 100)
        if percent != self._last and sys.stderr.isatty():
            self._last = percent
            print(f"\rchecking {percent:3d} %", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


def _print_notes(kind: ImportKind, notes: list[NoteCount]) -> None:
    for note in notes:
        shown = "" if _is_personal(kind, note.column) else f", such as “{note.example}”"
        first = ", ".join(map(str, note.rows[:3]))
        print(f"note: {note.column}: {note.sentence} {note.count} rows{shown} (rows {first} …)".rstrip())


def _print_problems(kind: ImportKind, entry: Any) -> None:
    from yicha.ingest.exchange import queries

    for row in queries.list_rejected(entry).iterator(chunk_size=2000):
        for problem in queries.problems_of(row):
            print(f"row {row.row_no}, {problem.column or 'row'}: {_value(kind, problem)}: {problem.reason}")


def _value(kind: ImportKind, problem: CellProblem) -> str:
    text = problem.value.replace("\n", " ")
    return mask(text) if _is_personal(kind, problem.column) else f"“{text}”"


def mask(text: str) -> str:
    """A personal value as it may be shown: its first character."""
    return f"“{text[:1]}…”" if text else "“”"


def _is_personal(kind: ImportKind, column: str) -> bool:
    return any(known.personal for known in kind.columns if known.name == column)


def _print_changes(kind: ImportKind, changes: list[RowChange]) -> None:
    for change in changes:
        key = mask(change.key) if _is_personal(kind, kind.key) else change.key
        cells = "; ".join(
            f"{name}: {_stored(kind, name, (change.before or {}).get(name))} → {_stored(kind, name, value)}"
            for name, value in change.after.items()
        )
        print(f"changed, row {change.row_no}, {key}: {cells}")


def _stored(kind: ImportKind, name: str, value: object) -> str:
    text = kind.describe(name, value)
    return mask(text) if _is_personal(kind, name) else f"“{text}”"


def _balance(entry: Any) -> str:
    tally = entry.tally
    assert tally is not None
    blank = f" ({entry.rows_blank} blank rows skipped)" if entry.rows_blank else ""
    where = f"{entry.file_name}: {entry.get_format_display()}, {entry.encoding}"
    return (
        f"{where}\nrows in {tally.rows} = new {tally.new} + changed {tally.changed} + unchanged {tally.unchanged} "
        f"+ rejected {tally.rejected}{blank}"
    )
