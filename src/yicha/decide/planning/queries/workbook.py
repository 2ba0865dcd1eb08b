"""Plans as a workbook with exactly the columns of the trade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import xlsxwriter

from yicha.decide.planning.models import AnnualPlan, PlanEntry
from yicha.decide.planning.queries.drafts import draft_of
from yicha.decide.planning.queries.plans import list_all_entries
from yicha.decide.planning.rules import workbook as rules
from yicha.know.catalogue import queries as catalogue

WIDTHS = (32, 16, 48, 28, 10, 8, 26, 36)


def list_lines(plans: Iterable[AnnualPlan]) -> Iterator[tuple[str | int, ...]]:
    """The rows of the workbook of some plans, by plan and number."""
    names = dict(catalogue.list_current_versions().order_by().values_list("item__code", "name"))
    for entry in list_all_entries([plan.pk for plan in plans]):
        yield rules.write_line(_line(entry, names))


def _line(entry: PlanEntry, names: dict[str, str]) -> rules.Line:
    draft = draft_of(entry)
    joint = entry.joint_list
    return rules.Line(
        title=entry.title,
        kind=draft.kind,
        ordered_by=entry.ordered_by,
        order_number=entry.order_number,
        ordered_on=entry.ordered_on,
        items=[(joint.code, joint.name)]
        if joint
        else [(code, names.get(code, code)) for code in draft.items],
        directory=(entry.directory.code, entry.directory.name),
        rate=entry.rate,
        expected=entry.expected,
        window=(entry.window_from, entry.window_to),
        unit=_unit(entry.plan),
    )


def _unit(plan: AnnualPlan) -> str:
    if plan.owner:
        return rules.unit_words(plan.owner.code, plan.owner.name)
    return rules.unit_words(plan.place_code, plan.place_name, is_zone=plan.zone_id is not None)


def write_workbook(plans: Sequence[AnnualPlan], place: IO[bytes]) -> int:
    """Write the workbook of some plans; returns how many rows it has besides the header."""
    book = xlsxwriter.Workbook(
        place, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("抽查计划")
    head = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    count = 0
    for column, (title, width) in enumerate(zip(rules.HEADERS, WIDTHS, strict=True)):
        sheet.set_column(column, column, width, text)
        sheet.write_string(0, column, title, head)
    for count, line in enumerate(list_lines(plans), start=1):
        for column, value in enumerate(line):
            if isinstance(value, int):
                sheet.write_number(count, column, value, text)
            else:
                sheet.write_string(count, column, value, text)
    sheet.freeze_panes(1, 1)
    book.close()
    return count
