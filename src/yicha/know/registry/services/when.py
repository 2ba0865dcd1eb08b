"""Writing when people, things and enterprises can be there. Who may say so is asked by the door."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.base.workdays import queries as workdays
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry import queries, rules
from yicha.know.registry.models import Absence, Agency, Enterprise, Equipment, Officer, VisitWish
from yicha.know.registry.terms import AbsenceKind, DayPart, EquipmentKind, WishFacts, WishKind

AHEAD = timedelta(days=366)
"""So far ahead the closed days of an enterprise are counted when it asks for another one."""


@transaction.atomic
def record_absence(
    *,
    actor: str,
    now: datetime,
    certificate: str,
    kind: AbsenceKind,
    from_on: date,
    until_on: date,
    part: DayPart | None = None,
) -> Absence:
    """Write that an officer cannot be sent on these days. `part`: in this half of each of them only.

    The ledger says that and when, never why: leave is nobody's business but the agency's.
    """
    officer = Officer.objects.select_for_update().filter(certificate=certificate).first()
    if officer is None:
        raise Refused([_unknown("officer", certificate)])
    half = part.value if part else ""
    refuse_if(rules.check_days(from_on, until_on))
    if Absence.objects.filter(officer=officer, from_on=from_on, until_on=until_on, part=half).exists():
        raise Refused(
            [Reason("absence.known", "This absence is recorded already.", facts={"officer": certificate})]
        )
    absence = Absence.objects.create(
        officer=officer, kind=kind.value, from_on=from_on, until_on=until_on, part=half
    )
    _append(actor, now, "absence.recorded", f"officer:{certificate}", from_on, until_on, half)
    return absence


@transaction.atomic
def take_back_absence(*, actor: str, now: datetime, absence: Absence) -> None:
    """Take an absence back. What has begun is shortened instead: until yesterday it was so; what is over stays."""
    locked = Absence.objects.select_for_update(of=("self",)).select_related("officer").get(pk=absence.pk)
    today = clock.today(now)
    if locked.until_on < today:
        raise Refused(
            [
                Reason(
                    "absence.over",
                    "This absence ended on %(on)s; what is over is not changed.",
                    facts={"on": locked.until_on.isoformat()},
                )
            ]
        )
    subject = f"officer:{locked.officer.certificate}"
    _append(actor, now, "absence.taken-back", subject, locked.from_on, locked.until_on, locked.part)
    if locked.from_on < today:
        locked.until_on = today - timedelta(days=1)
        locked.save(update_fields=["until_on"])
    else:
        locked.delete()


@transaction.atomic
def set_equipment(
    *, actor: str, now: datetime, agency: str, kind: EquipmentKind, code: str, name: str, count: int
) -> Equipment:
    """Say how many of something an agency has; 0: none at present. Vehicles are one row, with the code `vehicle`."""
    owner = Agency.objects.filter(code=agency).first()
    if owner is None:
        raise Refused([_unknown("agency", agency)])
    refuse_if(rules.check_equipment(kind, code, name))
    row, _ = Equipment.objects.update_or_create(
        agency=owner, code=code, defaults={"kind": kind.value, "name": name.strip(), "count": count}
    )
    body: dict[str, JSON] = {"code": code, "count": count}
    ledger.append(actor=actor, now=now, act="equipment.set", subject=f"agency:{agency}", body=body)
    return row


@transaction.atomic
def remove_equipment(*, actor: str, now: datetime, equipment: Equipment) -> None:
    """Take a row away. Without a row vehicles limit nothing; without an instrument its items cannot be checked."""
    subject, body = f"agency:{equipment.agency.code}", {"code": equipment.code}
    equipment.delete()
    ledger.append(actor=actor, now=now, act="equipment.removed", subject=subject, body=body)


@transaction.atomic
def say_wish(
    *,
    actor: str,
    now: datetime,
    uscc: str,
    wish: WishFacts,
    because: str = "",
    most_closed: int,
) -> VisitWish:
    """Write when an enterprise is closed, or would rather be visited.

    `most_closed` is the number `closed-days-a-month`: refused when a month of the year ahead would have more closed
    working days than that.
    """
    enterprise = Enterprise.objects.select_for_update().filter(uscc=uscc).first()
    if enterprise is None:
        raise Refused([_unknown("enterprise", uscc)])
    today = clock.today(now)
    refuse_if(rules.check_wish(wish))
    known = queries.list_wish_facts([enterprise.pk]).get(enterprise.pk, [])
    if wish in known:
        raise Refused([Reason("wish.known", "This wish is kept already.")])
    if wish.kind is WishKind.CLOSED:
        days = workdays.list_working_days(
            today, max(today + AHEAD, wish.until_on or today), workdays.get_calendar()
        )
        refuse_if(rules.check_closed([*known, wish], days, most_closed))
    row = VisitWish.objects.create(
        enterprise=enterprise,
        kind=wish.kind.value,
        weekday=wish.weekday,
        from_on=wish.from_on,
        until_on=wish.until_on,
        part=wish.part.value if wish.part else "",
        because=because.strip(),
        said_by=actor,
        said_at=now,
    )
    body = {"kind": wish.kind.value, "wish": str(row.uuid)}
    ledger.append(actor=actor, now=now, act="wish.said", subject=f"enterprise:{uscc}", body=body)
    return row


@transaction.atomic
def take_back_wish(*, actor: str, now: datetime, wish: VisitWish) -> None:
    """Forget a wish. Visits that are planned already stay where they are."""
    subject, body = f"enterprise:{wish.enterprise.uscc}", {"kind": wish.kind, "wish": str(wish.uuid)}
    wish.delete()
    ledger.append(actor=actor, now=now, act="wish.taken-back", subject=subject, body=body)


def _append(
    actor: str, now: datetime, act: str, subject: str, from_on: date, until_on: date, part: str
) -> None:
    body = {"from": from_on.isoformat(), "until": until_on.isoformat(), "part": part}
    ledger.append(actor=actor, now=now, act=act, subject=subject, body=body)


def _unknown(at_field: str, code: str) -> Reason:
    return Reason(
        f"registry.unknown-{at_field}",
        "“%(code)s” is not in the registry; add it first or correct the code.",
        facts={"code": code},
        at_field=at_field,
    )
