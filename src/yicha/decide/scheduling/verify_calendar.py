#!/usr/bin/env python3
"""Check an exported calendar of visits (yicha-calendar/1) from its files alone.

    python3 verify_calendar.py FILE [--facts FOLDER]

FILE is what `yicha plan export` wrote: one row per visit, agency, item and officer. FOLDER is what its `--facts`
wrote: what was asked for, working days, windows, budgets, quiet and closed days, officers with what they may do and
when they are away, equipment, who went last, and who was drawn. Each line that is printed says one rule: whether all
rows keep it, and if not, which lines of FILE do not and why. Without FOLDER, rules that need it are not checked, and
named.
Exit 0: every rule that was checked is kept. Exit 1: one is not. Exit 2: the files cannot be read.

Nothing but Python 3.10 or later and its standard library is needed. This program shares nothing with the one that
makes calendars, so that a mistake there is not made here again.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

SPEC = "yicha-calendar/1"
COLUMNS = (
    *("round", "visit", "uscc", "enterprise", "region", "agency", "item", "officer", "day", "part"),
    *("window_from", "window_to", "kind", "counts_toward_cap", "lead"),
)
TABLES = {
    "about": "name value",
    "days": "day",
    "lost": "day part region",
    "visits": "visit announced level",
    "asked": "visit agency item",
    "windows": "uscc agency item window_from window_to",
    "caps": "uscc year level allowed used",
    "quiet": "uscc day",
    "closed": "uscc day part",
    "agencies": "agency kind",
    "officers": "officer agency valid_from valid_until in_service competences",
    "absences": "officer from_on until_on part",
    "recusals": "officer uscc from_on until_on",
    "busy": "officer day part",
    "last": "uscc agency officer",
    "drawn": "visit agency officer",
    "items": "item equipment",
    "equipment": "agency code count",
}
"""The files of the facts and their columns. A day is 2026-07-01, a part `am`, `pm` or empty: all day, or not known."""
VEHICLE = "vehicle"

Rows = list[dict[str, str]]


class Unreadable(Exception):
    """A file is missing or has another form."""


class Broken(NamedTuple):
    """A rule that does not hold: its name, the visit, why in words, and the agency where it is about one."""

    rule: str
    visit: str
    words: str
    agency: str = ""


class Part(NamedTuple):
    """An agency's part of a visit: what it checks there and who goes."""

    visit: str
    uscc: str
    agency: str
    day: date
    part: str
    items: tuple[str, ...]
    officers: tuple[str, ...]

    def breaks(self, rule: str, words: str) -> Broken:
        return Broken(rule, self.visit, words, self.agency)

    @property
    def when(self) -> str:
        return f"{self.day} {self.part}".strip()


# ---------------------------------------------------------------- reading


def read(path: Path, columns: Iterable[str]) -> Rows:
    """The rows of a table; its first line names the columns, more than these are allowed."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
            missing = set(columns) - set(rows[0] if rows else columns)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Unreadable(f"{path.name} cannot be read: {problem}") from None
    if missing:
        raise Unreadable(f"{path.name} has no column {', '.join(sorted(missing))}")
    short = next((number for number, row in enumerate(rows, 2) if None in row.values() or None in row), 0)
    if short:
        raise Unreadable(f"{path.name}, line {short}: not as many cells as columns")
    return rows


def to_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"“{text}” is no day such as 2026-07-01") from None


class Facts:
    """What a calendar must respect, by table; a table that is looked up by a key is indexed once."""

    def __init__(self, folder: Path) -> None:
        self.tables = {name: read(folder / f"{name}.csv", fields.split()) for name, fields in TABLES.items()}
        self.about = {row["name"]: row["value"] for row in self.tables["about"]}
        if self.about.get("spec") != SPEC:
            raise Unreadable(f"about.csv does not say that these are facts of {SPEC}")

    def by(self, table: str, *keys: str) -> dict[tuple[str, ...], Rows]:
        found: dict[tuple[str, ...], Rows] = defaultdict(list)
        for row in self.tables[table]:
            found[tuple(row[key] for key in keys)].append(row)
        return found

    def number(self, name: str) -> int:
        try:
            return int(self.about[name])
        except (KeyError, ValueError):
            raise Unreadable(f"about.csv does not say how much {name} is") from None

    @property
    def people_drawn(self) -> bool:
        return self.about.get("people") == "drawn"


class Calendar:
    """The rows of the file, as visits and as agencies' parts of them."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.visits: dict[str, dict[str, str]] = {}
        grouped: dict[tuple[str, str], Rows] = defaultdict(list)
        for row in rows:
            self.visits.setdefault(row["visit"], row)
            grouped[row["visit"], row["agency"]].append(row)
        self.parts = [
            Part(
                visit,
                own[0]["uscc"],
                agency,
                to_day(own[0]["day"]),
                own[0]["part"],
                tuple(sorted({row["item"] for row in own})),
                tuple(sorted({row["officer"] for row in own} - {""})),
            )
            for (visit, agency), own in grouped.items()
        ]
        self.parts.sort(key=lambda one: (one.day, one.part, one.visit, one.agency))

    def lines(self, broken: Broken) -> str:
        """The lines of the file that a broken rule is about, in words; the first line names the columns."""
        found = [
            number
            for number, row in enumerate(self.rows, 2)
            if row["visit"] == broken.visit and broken.agency in ("", row["agency"])
        ]
        if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
            return f"lines {found[0]} to {found[-1]}, "
        return f"line {', '.join(map(str, found))}, " if found else ""

    def list_visits(self) -> Iterator[tuple[str, str, date, str]]:
        """(visit, enterprise, day, half) of each visit."""
        for visit, row in self.visits.items():
            yield visit, row["uscc"], to_day(row["day"]), row["part"]


def touches(half: str, other: str) -> bool:
    """Whether two halves of one day meet; an empty one is the whole day."""
    return not half or not other or half == other


# ---------------------------------------------------------------- rules of the file alone


def whole(calendar: Calendar) -> Iterator[Broken]:
    """A visit is one enterprise, one half day, one window and one lead, on all its rows."""
    same = ("round", "uscc", "day", "part", "window_from", "window_to", "kind", "counts_toward_cap")
    leads: dict[str, set[str]] = defaultdict(set)
    for row in calendar.rows:
        first = calendar.visits[row["visit"]]
        differing = [name for name in same if row[name] != first[name]]
        if differing:
            yield Broken("whole", row["visit"], f"its rows differ in {', '.join(differing)}")
        if row["lead"] == "1":
            leads[row["visit"]].add(row["agency"])
    for visit in calendar.visits:
        if len(leads[visit]) != 1:
            yield Broken("whole", visit, f"it is led by {len(leads[visit])} agencies")


def own_window(calendar: Calendar) -> Iterator[Broken]:
    """A visit takes place inside its window."""
    for visit, _, day, _ in calendar.list_visits():
        row = calendar.visits[visit]
        if not to_day(row["window_from"]) <= day <= to_day(row["window_to"]):
            window = f"{row['window_from']} to {row['window_to']}"
            yield Broken("own-window", visit, f"{day} lies outside its window, {window}")


def one_a_day(calendar: Calendar) -> Iterator[Broken]:
    """An enterprise has one visit a day at most."""
    found: dict[tuple[str, date], list[str]] = defaultdict(list)
    for visit, uscc, day, _ in calendar.list_visits():
        found[uscc, day].append(visit)
    for (uscc, day), visits in found.items():
        for visit in visits[1:]:
            yield Broken("one-a-day", visit, f"{uscc} has another visit on {day}: {visits[0]}")


def not_twice_at_once(calendar: Calendar) -> Iterator[Broken]:
    """Nobody is at two visits in one half day."""
    going: dict[tuple[str, date], list[Part]] = defaultdict(list)
    for part in calendar.parts:
        for officer in part.officers:
            for other in going[officer, part.day]:
                if other.visit != part.visit and part.part and part.part == other.part:
                    words = f"officer {officer} is also at {other.visit} on {part.when}"
                    yield part.breaks("not-twice-at-once", words)
            going[officer, part.day].append(part)


# ---------------------------------------------------------------- rules of days


def working_day(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Visits are on working days, and not on half days that were lost."""
    days = {row["day"] for row in facts.tables["days"]}
    lost = facts.by("lost", "day")
    for visit, _, day, half in calendar.list_visits():
        if str(day) not in days:
            yield Broken("working-day", visit, f"{day} is no working day of the quarter")
        region = calendar.visits[visit]["region"]
        for row in lost.get((str(day),), []):
            if touches(row["part"], half) and row["region"] in ("", region):
                yield Broken("working-day", visit, f"nobody goes on {day} {row['part']}: the day was lost")


def window(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Each item is checked inside the window of the demand that asked for it."""
    windows = facts.by("windows", "uscc", "agency", "item")
    for part in calendar.parts:
        for item in part.items:
            asked = windows.get((part.uscc, part.agency, item), [])
            if asked and not any(row["window_from"] <= str(part.day) <= row["window_to"] for row in asked):
                words = f"{part.agency} was to check {item} from {asked[0]['window_from']} to {asked[0]['window_to']}"
                yield part.breaks("window", f"{words}, not on {part.day}")


def asked_for(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """What is checked was asked for, and what was asked for at a visit is checked there."""
    asked: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in facts.tables["asked"]:
        asked[row["visit"]].add((row["agency"], row["item"]))
    there: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for part in calendar.parts:
        there[part.visit].update((part.agency, item) for item in part.items)
        for item in part.items:
            if (part.agency, item) not in asked[part.visit]:
                yield part.breaks("asked-for", f"nobody asked for {item} of {part.agency} at this visit")
    for visit in list(asked):
        if visit not in there:
            yield Broken("asked-for", visit, "it is missing in the file")
            continue
        for agency, item in sorted(asked[visit] - there[visit]):
            yield Broken("asked-for", visit, f"{item} of {agency} was asked for, and is not checked")


def quiet_day(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """No visit is on a quiet day of its region."""
    quiet = facts.by("quiet", "uscc", "day")
    for visit, uscc, day, _ in calendar.list_visits():
        if (uscc, str(day)) in quiet:
            yield Broken("quiet-day", visit, f"{day} is a quiet day where {uscc} is")


def closed_day(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """No announced visit is on a half day on which the enterprise is closed."""
    closed = facts.by("closed", "uscc", "day")
    announced = {row["visit"] for row in facts.tables["visits"] if row["announced"] == "1"}
    for visit, uscc, day, half in calendar.list_visits():
        rows = closed.get((uscc, str(day)), [])
        if visit in announced and any(touches(row["part"], half) for row in rows):
            yield Broken("closed-day", visit, f"{uscc} is closed on {day} {half}".rstrip())


def too_often(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """No enterprise has more of these visits in a week, Monday to Sunday, or in a month than the numbers allow."""
    limits = {"week": facts.number("visits-a-week"), "month": facts.number("visits-a-month")}
    visits: Counter[tuple[str, str, str]] = Counter()
    for visit, uscc, day, _ in sorted(calendar.list_visits(), key=lambda row: (row[2], row[0])):
        year, week, _ = day.isocalendar()
        for span, name in (("week", f"{year}-W{week:02}"), ("month", f"{day:%Y-%m}")):
            visits[uscc, span, name] += 1
            if visits[uscc, span, name] > limits[span]:
                words = f"{uscc} has more than {limits[span]} visits in {name}"
                yield Broken("too-often", visit, words)


def cap(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """No enterprise has more visits in a year than its budget, of each level and of both together."""
    levels = {row["visit"]: row["level"] for row in facts.tables["visits"]}
    counting: dict[tuple[str, str], list[tuple[date, str]]] = defaultdict(list)
    for visit, uscc, day, _ in calendar.list_visits():
        if calendar.visits[visit]["counts_toward_cap"] == "1":
            counting[uscc, str(day.year)].append((day, visit))
    for row in facts.tables["caps"]:
        own = sorted(counting.get((row["uscc"], row["year"]), []))
        own = [one for one in own if row["level"] in ("", levels.get(one[1], ""))]
        allowed, used = int(row["allowed"]), int(row["used"])
        for _, visit in own[max(0, allowed - used) :]:
            kind = f" of level {row['level']}" if row["level"] else ""
            words = (
                f"{row['uscc']} has {used + len(own)} visits{kind} in {row['year']}, {allowed} are allowed"
            )
            yield Broken("cap", visit, words)


# ---------------------------------------------------------------- rules of things


def equipment(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """No agency is at more visits in a half day than it has vehicles, or instruments that their items need."""
    have = {(row["agency"], row["code"]): int(row["count"]) for row in facts.tables["equipment"]}
    needed = {row["item"]: set(row["equipment"].split()) for row in facts.tables["items"]}
    used: Counter[tuple[str, str, date, str]] = Counter()
    for part in calendar.parts:
        codes = set().union(*(needed.get(item, set()) for item in part.items))
        if (part.agency, VEHICLE) in have:
            codes.add(VEHICLE)
        for code in sorted(codes):
            used[part.agency, code, part.day, part.part] += 1
            count = have.get((part.agency, code), 0)
            if used[part.agency, code, part.day, part.part] > count and (part.part or not count):
                words = f"{part.agency} has {count} of {code}, and needs more on {part.when}"
                yield part.breaks("equipment", words)


# ---------------------------------------------------------------- rules of people


def enough_officers(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Each agency sends as many officers as the law asks for, two at least."""
    need = facts.number("officers-per-agency")
    for part in calendar.parts:
        if len(part.officers) < need:
            words = f"{part.agency} sends {len(part.officers)} officers, {need} are needed"
            yield part.breaks("enough-officers", words)


def day_cap(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """An officer goes to no more visits a day than the number allows, other rounds' visits counted."""
    most = facts.number("visits-an-officer-a-day")
    going = Counter((row["officer"], row["day"]) for row in facts.tables["busy"])
    for part in calendar.parts:
        for officer in part.officers:
            going[officer, str(part.day)] += 1
            if going[officer, str(part.day)] > most:
                words = f"officer {officer} has more than {most} visits on {part.day}"
                yield part.breaks("day-cap", words)


def elsewhere(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Nobody is at a visit of another round in the same half day."""
    busy = facts.by("busy", "officer", "day")
    for part in calendar.parts:
        for officer in part.officers:
            rows = busy.get((officer, str(part.day)), [])
            if part.part and any(row["part"] == part.part for row in rows):
                yield part.breaks("elsewhere", f"officer {officer} is at another visit on {part.when}")


def absence(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Nobody is sent who is away."""
    away = facts.by("absences", "officer")
    for part in calendar.parts:
        for officer in part.officers:
            for row in away.get((officer,), []):
                if row["from_on"] <= str(part.day) <= row["until_on"] and touches(row["part"], part.part):
                    yield part.breaks("absence", f"officer {officer} is away on {part.when}")


def certificate(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Whoever goes is in service, belongs to the agency, and has a certificate that holds on the day."""
    officers = {row["officer"]: row for row in facts.tables["officers"]}
    for part in calendar.parts:
        for officer in part.officers:
            row = officers.get(officer)
            if row is None or row["in_service"] != "1":
                words = f"officer {officer} is not in service"
            elif row["agency"] != part.agency:
                words = f"officer {officer} belongs to {row['agency']}, not to {part.agency}"
            elif not row["valid_from"] <= str(part.day) <= row["valid_until"]:
                words = f"the certificate of officer {officer} does not hold on {part.day}"
            else:
                continue
            yield part.breaks("certificate", words)


def competence(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Whoever goes is competent for the agency's kind, or for every item that it checks there."""
    kinds = {row["agency"]: row["kind"] for row in facts.tables["agencies"]}
    able = {row["officer"]: set(row["competences"].split()) for row in facts.tables["officers"]}
    for part in calendar.parts:
        for officer in part.officers:
            own = able.get(officer, set())
            lacking = [item for item in part.items if item not in own]
            if lacking and kinds.get(part.agency) not in own:
                words = f"officer {officer} is not competent for {', '.join(lacking)}"
                yield part.breaks("competence", words)


def recusal(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Nobody goes to an enterprise that he must not inspect."""
    recused = facts.by("recusals", "officer", "uscc")
    for part in calendar.parts:
        for officer in part.officers:
            for row in recused.get((officer, part.uscc), []):
                if row["from_on"] <= str(part.day) and (
                    not row["until_on"] or str(part.day) <= row["until_on"]
                ):
                    yield part.breaks("recusal", f"officer {officer} must not inspect {part.uscc}")


def not_twice_in_a_row(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Nobody goes for his agency to an enterprise twice in a row: since the last visit there, and in the calendar."""
    went: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in facts.tables["last"]:
        went[row["uscc"], row["agency"]].add(row["officer"])
    for part in calendar.parts:
        for officer in part.officers:
            if officer in went[part.uscc, part.agency]:
                words = f"officer {officer} went to {part.uscc} the last time too"
                yield part.breaks("not-twice-in-a-row", words)
        went[part.uscc, part.agency] = set(part.officers)


def as_drawn(calendar: Calendar, facts: Facts) -> Iterator[Broken]:
    """Exactly those go whom the draw sends."""
    drawn: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in facts.tables["drawn"]:
        drawn[row["visit"], row["agency"]].add(row["officer"])
    for part in calendar.parts:
        wanted = drawn.get((part.visit, part.agency), set())
        if wanted != set(part.officers):
            sent = ", ".join(part.officers) or "nobody"
            words = f"for {part.agency} {sent} goes, the draw sends {', '.join(sorted(wanted)) or 'nobody'}"
            yield part.breaks("as-drawn", words)


# ---------------------------------------------------------------- all together

ALONE: tuple[Callable[[Calendar], Iterator[Broken]], ...] = (whole, own_window, one_a_day, not_twice_at_once)
OF_DAYS = (working_day, asked_for, window, quiet_day, closed_day, too_often, cap, equipment)
OF_PEOPLE = (
    enough_officers,
    day_cap,
    elsewhere,
    absence,
    certificate,
    competence,
    recusal,
    not_twice_in_a_row,
    as_drawn,
)


def check(rows: Rows, facts: Facts | None) -> tuple[dict[str, list[Broken]], list[str]]:
    """What breaks each rule that was checked, by the rule in words; and the rules that were not checked."""
    calendar = Calendar(rows)
    found = {str(rule.__doc__): list(rule(calendar)) for rule in ALONE}
    left = []
    for rule in (*OF_DAYS, *OF_PEOPLE):
        if facts is None or (rule in OF_PEOPLE and not facts.people_drawn):
            left.append(str(rule.__doc__))
        else:
            found[str(rule.__doc__)] = list(rule(calendar, facts))
    return found, left


def say(words: str) -> None:
    sys.stdout.write(words + "\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="Exit 0: every rule that was checked is kept. 1: one is not. 2: the files cannot be read.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the CSV that `yicha plan export` wrote")
    parser.add_argument("--facts", type=Path, metavar="FOLDER", help="the folder that its --facts wrote")
    given = parser.parse_args(arguments)
    try:
        facts = Facts(given.facts) if given.facts else None
        rows = read(given.file, COLUMNS)
        calendar = Calendar(rows)
        found, left = check(rows, facts)
    except Unreadable as problem:
        say(f"NO  {problem}")
        return 2
    for rule, broken in found.items():
        say(f"{'NO' if broken else 'ok'}  {rule}")
        for one in broken:
            say(f"      {calendar.lines(one)}visit {one.visit}: {one.words}")
    why = "without facts" if facts is None else "nobody is drawn yet"
    for rule in left:
        say(f"--  {rule} Not checked: {why}.")
    count = sum(len(broken) for broken in found.values())
    visits = len({row["visit"] for row in rows})
    say(f"{visits} visits, {len(found)} rules checked, {len(left)} not; broken {count} times.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
