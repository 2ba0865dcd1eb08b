"""Rows of the workbook, read: whose plan, which check, what of it; every bad cell with its reason."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from yicha.decide.planning import queries
from yicha.decide.planning.intake.writing import FIELDS
from yicha.decide.planning.rules import ceilings
from yicha.decide.planning.rules import plans as plan_rules
from yicha.decide.planning.rules import workbook as rules
from yicha.decide.planning.terms import PlanState
from yicha.ingest.exchange.terms import CellProblem, Completed, Values
from yicha.kernel.refusal import Reason
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.registry import queries as registry


class Reading:
    """The row rule of one import: what it looks up, and what the rows of the file add up to."""

    def load(self) -> None:
        """Read everything that rows may name: while rows stream in nothing else can be asked."""
        self.planned: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.items = {item.code: item for item in catalogue.list_items()}
        names = dict(catalogue.list_current_versions().order_by().values_list("item__code", "name"))
        self.item_words = rules.known_by({code: names.get(code, code) for code in self.items})
        self.lists = {row.code: row for row in catalogue.list_joint_lists()}
        self.listed = {code: [item.code for item in row.items.all()] for code, row in self.lists.items()}
        self.list_words = rules.known_by({code: row.name for code, row in self.lists.items()})
        self.directories = {row.code: row for row in registry.list_directories()}
        self.directory_words = rules.known_by({code: row.name for code, row in self.directories.items()})
        self.regions = {row.code: row for row in registry.list_regions()}
        self.above = queries.list_codes_above()
        self.zones = {row.code: row for row in registry.list_zones()}
        self.agencies = {row.code: row for row in registry.list_agencies()}
        self.units = _units(self)
        plans = queries.list_plans().order_by("version")
        self.plans = {(plan.year, plan.owned_by): plan for plan in plans}
        self.keys = queries.list_key_items()
        numbers = catalogue.list_numbers().filter(code="general-rate-ceiling")
        self.ceilings = [row.facts for row in numbers]

    def complete(self, values: Values, size: int) -> Completed:
        """The rows of a batch, each with every bad cell."""
        done = Completed({field.name: [None] * size for field in FIELDS})
        for position in range(size):
            row = {name: column[position] for name, column in values.items()}
            problems: list[CellProblem] = []
            found = self._read(row, problems)
            for name, value in found.items():
                done.fields[name][position] = None if value is None else str(value)
            if problems:
                done.problems[position] = problems
        return done

    def _read(self, row: dict[str, str | None], problems: list[CellProblem]) -> dict[str, Any]:
        def bad(column: str, reason: Reason) -> None:
            problems.append(CellProblem(column, row.get(column) or "", reason))

        unit = self.units.find(row["unit"]) if row["unit"] else None
        if isinstance(unit, Reason):
            bad("unit", unit)
            unit = None
        directory = self.directory_words.get(rules.code_in(row["directory_words"] or ""))
        if row["directory_words"] and directory is None:
            bad("directory_words", _unknown("directory", row["directory_words"]))
        window = rules.split_time(row["time"]) if row["time"] else None
        kind = rules.split_kind(row["kind_words"]) if row["kind_words"] else None
        if row["task"] and (reason := plan_rules.check_title(row["task"])):
            bad("task", reason)
        checked = self._read_items(row["item_words"], unit, bad) if unit else None
        if (
            unit is None
            or directory is None
            or checked is None
            or not isinstance(window, tuple)
            or not isinstance(kind, rules.ReadKind)
        ):
            return {}
        return self._values(row, unit, directory, checked, window, kind, bad)

    def _values(
        self,
        row: dict[str, str | None],
        unit: rules.Unit,
        directory: str,
        checked: tuple[str, list[str]],
        window: tuple[date, date],
        kind: rules.ReadKind,
        bad: Any,
    ) -> dict[str, Any]:
        """The fields of an entry whose cells could all be read, with its plan."""
        joint_list, items = checked
        year, quarter = window[0].year, rules.quarter_of(window[0])
        owner = unit.owner(joint_list)
        plan = self.plans.get((year, owner))
        code = plan.code if plan else plan_rules.plan_code(year, owner)
        agency = self.agencies[unit.agency] if unit.agency else None
        region = agency.region if agency else self.regions.get(unit.region)
        rate = Decimal(row["rate_words"]) if row["rate_words"] else None
        if rate is not None:
            ceiling = self._ceiling(year, self.above[region.pk] if region else [])
            listed = items or self.listed[joint_list]
            if reason := self._check_rate(code, ceiling, directory, rate, listed):
                bad("rate_words", reason)
        if plan is not None and plan.state != PlanState.DRAFT:
            bad("unit", _not_a_draft(plan))
        return {
            "entry_key": rules.row_key(code, quarter, directory, items),
            "plan_code": code,
            "plan_year": year,
            "plan_title": plan.title if plan else _title(year, row["unit"] or "", joint_list),
            "plan_revision": plan.revision if plan else None,
            "owner_id": agency.pk if agency else None,
            "joint_list_id": self.lists[joint_list].pk if joint_list else None,
            "region_id": region.pk if region else None,
            "zone_id": self.zones[unit.zone].pk if unit.zone else None,
            "directory_id": self.directories[directory].pk,
            "item_ids": "{" + ",".join(str(pk) for pk in sorted(self.items[item].pk for item in items)) + "}",
            "quarter": quarter,
            "title": row["task"],
            "kind": kind.kind.value,
            "rate": rate,
            "window_from": window[0],
            "window_to": window[1],
            "ordered_by": kind.ordered_by,
            "order_number": kind.order_number,
            "ordered_on": kind.ordered_on,
        }

    def _read_items(self, text: str | None, unit: rules.Unit, bad: Any) -> tuple[str, list[str]] | None:
        """The joint list of a place's plan, or the items of an agency's; None when a cell is bad."""
        if not text:
            return None
        if not unit.agency:
            joint = self.list_words.get(rules.code_in(text))
            if joint is None:
                bad("item_words", _unknown("joint-list", text))
                return None
            return joint, []
        found = []
        for word in rules.split_items(text, self.item_words):
            code = self.item_words.get(word)
            if code is None:
                bad("item_words", _unknown("item", word))
                return None
            found.append(code)
        known = [(code, self.items[code].agency_kind.code) for code in found]
        if reasons := plan_rules.check_items(0, known, [unit.kind]):
            bad("item_words", _foreign_item(reasons[0]))
            return None
        return "", sorted(found)

    def _ceiling(self, year: int, places: list[str]) -> NumberFacts | None:
        return catalogue.find_in_force(self.ceilings, "general-rate-ceiling", date(year, 1, 1), places)

    def _check_rate(
        self, plan: str, ceiling: NumberFacts | None, directory: str, rate: Decimal, items: list[str]
    ) -> Reason | None:
        """What is wrong with a rate, with those of the same plan, directory and item in rows above."""
        if ceiling is None:
            return None
        for item in items:
            self.planned[plan, directory, item] += rate
        worst = max(self.planned[plan, directory, item] for item in items)
        rows = [ceilings.OwnRate(0, worst, directory, [(item, item in self.keys) for item in items])]
        found = ceilings.check_rates(rows, ceiling.value, ceiling.source)
        return _rate_of_row(worst, found[0], ceiling) if found else None


def _units(reading: Reading) -> rules.Units:
    """Agencies and places by all words for them; the words of an exported workbook mean one alone."""
    units = rules.Units()
    exact = {}
    for agency in reading.agencies.values():
        unit = rules.Unit(agency=agency.code, kind=agency.kind.code)
        units.add(unit, agency.code, agency.name)
        exact[rules.unit_words(agency.code, agency.name)] = unit
    for region in reading.regions.values():
        units.add(rules.Unit(region=region.code), region.code, region.name)
        exact[rules.unit_words(region.code, region.name)] = rules.Unit(region=region.code)
    for zone in reading.zones.values():
        units.add(rules.Unit(zone=zone.code), zone.code, zone.name)
        exact[rules.unit_words(zone.code, zone.name, is_zone=True)] = rules.Unit(zone=zone.code)
    units.known.update(exact)
    return units


def _title(year: int, unit: str, joint_list: str) -> str:
    return f"{year}年度抽查计划 · {unit}" + (f" · {joint_list}" if joint_list else "")


def _unknown(kind: str, text: str) -> Reason:
    return Reason(
        f"plan-{kind}-unknown",
        "“%(code)s” is unknown; correct the code or add it first.",
        facts={"code": text},
    )


def _not_a_draft(plan: Any) -> Reason:
    return Reason(
        "plan-no-draft",
        "The plan %(plan)s is no draft any more; have it given back, or amend it.",
        facts={"plan": plan.code},
    )


def _foreign_item(reason: Reason) -> Reason:
    return Reason(
        "plan-item-foreign",
        "Item %(item)s belongs to another kind of agency.",
        source=reason.source,
        facts={"item": reason.facts["item"]},
    )


def _rate_of_row(worst: Decimal, reason: Reason, ceiling: Any) -> Reason:
    return Reason(
        "plan-rate-ceiling",
        "In all %(rate)s of this directory in a year; at most %(ceiling)s is allowed, except for key items alone.",
        source=reason.source,
        facts={"rate": rules.write_rate(worst), "ceiling": rules.write_rate(ceiling.value)},
    )
