"""Rows that an administrator may change: items spared, criteria, key-safety trades. Rows before stay readable."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import rules
from yicha.know.undisturbed.models import CriterionRule, KeyTrade, SparedItem
from yicha.know.undisturbed.terms import CriterionRow


@transaction.atomic
def spare_item(
    *,
    actor: str,
    now: datetime,
    item: str,
    region: str,
    in_force_from: date,
    source: str,
    in_force_until: date | None = None,
    is_ours: bool = False,
) -> SparedItem:
    """From a day on, enterprises on the list are spared an item in a region."""
    found, place = catalogue.find_item(item), registry.find_region(region)
    if found is None or place is None:
        raise Refused([_unknown("item" if found is None else "region", item if found is None else region)])
    refuse_if(_dates(in_force_from, in_force_until))
    row, _ = SparedItem.objects.update_or_create(
        item=found,
        region=place,
        in_force_from=in_force_from,
        defaults={"in_force_until": in_force_until, "source": source, "is_ours": is_ours},
    )
    _record(actor, now, "undisturbed.item-spared", f"{region}:{item}", in_force_from, source, in_force_until)
    return row


@transaction.atomic
def end_spared_item(*, actor: str, now: datetime, row: SparedItem, until: date) -> None:
    """The last day on which an item is spared."""
    refuse_if(_dates(row.in_force_from, until))
    row.in_force_until = until
    row.save(update_fields=["in_force_until"])
    subject = f"{row.region.code}:{row.item.code}"
    _record(actor, now, "undisturbed.item-not-spared", subject, row.in_force_from, row.source, until)


@transaction.atomic
def set_criterion(*, actor: str, now: datetime, row: CriterionRow) -> CriterionRule:
    """What is demanded from a day on, everywhere or in a region."""
    refuse_if(rules.find_row_faults(row))
    if row.region and registry.find_region(row.region) is None:
        raise Refused([_unknown("region", row.region)])
    made, _ = CriterionRule.objects.update_or_create(
        phase=row.phase.value,
        criterion=row.criterion.value,
        region=row.region,
        in_force_from=row.in_force_from,
        defaults={"value": row.value, "is_on": row.is_on, "source": row.source, "is_ours": row.is_ours},
    )
    subject = f"{row.phase.value}:{row.criterion.value}:{row.region}"
    words = f"{row.value or ('on' if row.is_on else 'off')}"
    _record(actor, now, "undisturbed.criterion-set", subject, row.in_force_from, row.source, words=words)
    return made


@transaction.atomic
def set_key_trade(
    *,
    actor: str,
    now: datetime,
    prefix: str,
    words: str,
    in_force_from: date,
    source: str,
    region: str = "",
    in_force_until: date | None = None,
    is_ours: bool = False,
) -> KeyTrade:
    """A trade whose enterprises are not left alone, from a day on."""
    refuse_if([*rules.find_trade_faults(prefix), *_dates(in_force_from, in_force_until)])
    if region and registry.find_region(region) is None:
        raise Refused([_unknown("region", region)])
    row, _ = KeyTrade.objects.update_or_create(
        prefix=prefix,
        region=region,
        in_force_from=in_force_from,
        defaults={"words": words, "in_force_until": in_force_until, "source": source, "is_ours": is_ours},
    )
    _record(actor, now, "undisturbed.trade-set", f"{prefix}:{region}", in_force_from, source, in_force_until)
    return row


def _dates(begin: date, end: date | None) -> tuple[Reason, ...]:
    if end is None or end >= begin:
        return ()
    return (Reason("undisturbed.ends-first", "The row ends before it begins.", at_field="in_force_until"),)


def _unknown(field: str, code: str) -> Reason:
    return Reason(
        f"undisturbed.unknown-{field}",
        "There is no region “%(code)s”." if field == "region" else "“%(code)s” is not in the catalogue.",
        facts={"code": code},
        at_field=field,
    )


def _record(
    actor: str,
    now: datetime,
    act: str,
    subject: str,
    begin: date,
    source: str,
    end: date | None = None,
    words: str = "",
) -> None:
    body = {
        "from": begin.isoformat(),
        "until": end.isoformat() if end else "",
        "source": source,
        "value": words,
    }
    kept = {name: value for name, value in body.items() if value}
    ledger.append(actor=actor, now=now, act=act, subject=f"undisturbed:{subject}", body=kept)
