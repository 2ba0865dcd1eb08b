"""What the tests of the gate begin with: items of two kinds of agency, and applications to fill in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.cast import NOW, Cast
from yicha.base.keys import queries as keys
from yicha.base.ledger.models import Entry
from yicha.decide.gate import queries
from yicha.decide.gate.models import Application as Row
from yicha.decide.gate.terms import Application
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import Item, ItemVersion
from yicha.know.registry.models import Agency, AgencyKind, Enterprise
from yicha.know.visits.models import Contact, ContactItem, Result
from yicha.know.visits.terms import ContactKind

TODAY = clock.today(NOW)
LATER = NOW + timedelta(hours=1)


def item(code: str, kind: str, method: str = "onsite", **more: object) -> ItemVersion:
    """A published version of an item, in force since the beginning of the year."""
    return ItemVersion.objects.create(
        item=Item.objects.create(code=code, agency_kind=AgencyKind.objects.get(code=kind)),
        version=1,
        name=f"检查 {code}",
        legal_basis="食品安全法",
        method=method,
        status="published",
        in_force_from=date(2026, 1, 1),
        **more,
    )


def items() -> dict[str, ItemVersion]:
    """Two items of market regulation, one of fire rescue."""
    return {
        code: item(code, kind) for code, kind in (("food", "market"), ("label", "market"), ("hose", "fire"))
    }


def asked(cast: Cast, **more: object) -> Application:
    """Market regulation of 通州 wants to see the noodle shop about food in the coming week."""
    values: dict[str, object] = {
        "agency": cast.agency_a.code,
        "uscc": cast.noodle_shop.uscc,
        "items": ("food",),
        "kind": ContactKind.DAILY,
        "trigger": "initiative",
        "from_on": TODAY,
        "until_on": TODAY + timedelta(days=6),
        "officers": ("T-0001", "T-0002"),
        "approved_by": "局长",
    }
    return Application(**{**values, **more})  # type: ignore[arg-type]


def visit(
    enterprise: Enterprise,
    agency: Agency,
    on: date,
    version: ItemVersion,
    state: str = "made",
    **more: object,
) -> Contact:
    """A visit in the contact ledger with one item."""
    contact = Contact.objects.create(
        **{
            "enterprise": enterprise,
            "lead_agency": agency,
            "kind": "daily",
            "state": state,
            "window_from": on,
            "window_to": on,
            "planned_on": on,
            "made_on": on if state == "made" else None,
            "counts_toward_cap": True,
            **more,
        }
    )
    ContactItem.objects.create(
        contact=contact,
        agency=agency,
        item_version=version,
        source="test",
        result_code="01" if state == "made" else "",
        result_on=on if state == "made" else None,
    )
    return contact


def at(day: date) -> datetime:
    """Nine in the morning of a day in Beijing."""
    return datetime(day.year, day.month, day.day, 9, tzinfo=clock.BEIJING)


def result(
    enterprise: Enterprise, agency: Agency, version: ItemVersion, found_on: date, **more: object
) -> Result:
    """A result that others may use for half a year."""
    values: dict[str, object] = {
        "result_code": "01",
        "valid_until": found_on + timedelta(days=180),
        "evidence_hash": "0" * 64,
        "state": "offered",
        "offered_at": NOW,
        "reference": f"{version.item.code}-{found_on}",
    }
    return Result.objects.create(
        enterprise=enterprise,
        agency=agency,
        item_version=version,
        found_on=found_on,
        **{**values, **more},
    )


def contact_of(row: Row) -> Contact:
    """The visit of an application that has one."""
    assert row.contact is not None
    return row.contact


def token_of(row: Row) -> dict[str, object]:
    """What the live code of its visit says, on the first day of its window."""
    code = queries.find_live_code(contact_of(row))
    assert code is not None
    return keys.verify("visit-code", code.token, at(contact_of(row).window_from))


def acts_on(subject: str) -> list[str]:
    """What the ledger says about a subject, in order."""
    return list(Entry.objects.filter(subject=subject).order_by("seq").values_list("act", flat=True))


def refused(act: Callable[[], object]) -> tuple[str, ...]:
    """The codes with which it is refused."""
    with pytest.raises(Refused) as error:
        act()
    return error.value.codes
