"""What every step holds while it works: turns of enterprises, rows, facts; always in this order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.queries import facts as facts_queries
from yicha.act.dispatch.queries.dispatches import list_dispatches
from yicha.act.dispatch.terms import NOTICE_DAYS, DispatchState, VisitFacts
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.gate import services as gate
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts


def hold(dispatches: Iterable[Dispatch]) -> list[Dispatch]:
    """The rows as they are now, held until the transaction ends, in the order of their ids; with their turns."""
    wanted = [row.pk for row in dispatches]
    found = list_dispatches().filter(pk__in=wanted)
    gate.take_turns(found.order_by().values_list("contact__enterprise_id", flat=True))
    rows = list(found.select_for_update(of=("self",)).order_by("pk"))
    if len(rows) != len(set(wanted)):
        raise NotFound
    return rows


def read_facts(rows: Iterable[Dispatch], *, are_told: bool = False) -> dict[int, VisitFacts]:
    """The facts of their visits, by the id of the contact. `are_told`: they are being announced, all together."""
    wanted = [row.contact_id for row in rows]
    found = facts_queries.read_visits(wanted, told=wanted if are_told else ())
    return {one.contact_id: one for one in found}


class Numbers:
    """Numbers of the law on a day, each looked up once for a place."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._rows: list[NumberFacts] = [row.facts for row in catalogue.list_numbers()]

    def get(self, code: str, regions: tuple[str, ...] = ()) -> int:
        """Its value; refused with its name when no row is in force."""
        found = catalogue.find_in_force(self._rows, code, self._on, regions)
        return int(found.value if found else catalogue.get_number(code, self._on, regions).value)

    def largest(self, code: str) -> int:
        """The largest value in force anywhere: what is farther away is near nowhere."""
        places = {row.region for row in self._rows if row.code == code}
        return max(self.get(code, (place,) if place else ()) for place in (*places, ""))

    def notice_days(self, facts: VisitFacts) -> int:
        """How many days ahead a visit is announced where it takes place."""
        return self.get(NOTICE_DAYS, facts.regions)


def act_on(row: Dispatch, act: str, body: dict[str, JSON]) -> ledger.Act:
    """An act of the ledger, under the visit."""
    return f"dispatch.{act}", f"visit:{row.contact.uuid}", {"number": row.number, **body}


def is_living(row: Dispatch) -> bool:
    """Whether it was not withdrawn."""
    return row.state != DispatchState.WITHDRAWN.value
