"""The only writers of the catalogue beside its intake."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.catalogue import rules
from yicha.know.catalogue.models import DrawRate, Item, ItemVersion, JointList, LegalNumber
from yicha.know.catalogue.terms import ItemStatus, NumberFacts, RateFacts
from yicha.know.registry import queries as registry


@transaction.atomic
def publish_version(*, actor: str, now: datetime, version: ItemVersion) -> ItemVersion:
    """Publish a draft; the version that was published before is retired in the same step."""
    locked = ItemVersion.objects.select_for_update().get(pk=version.pk)
    locked.status = rules.ITEM_LIFE.after(ItemStatus(locked.status), "publish").value
    for former in ItemVersion.objects.select_for_update().filter(
        item=locked.item, status=ItemStatus.PUBLISHED.value
    ):
        _retire(actor, now, former)
    locked.save(update_fields=["status"])
    _record(actor, now, locked, "item.published")
    return locked


@transaction.atomic
def retire_version(*, actor: str, now: datetime, version: ItemVersion) -> ItemVersion:
    """Take a published version out of use: nothing may be checked under it any more."""
    locked = ItemVersion.objects.select_for_update().get(pk=version.pk)
    _retire(actor, now, locked)
    return locked


def _retire(actor: str, now: datetime, version: ItemVersion) -> None:
    version.status = rules.ITEM_LIFE.after(ItemStatus(version.status), "retire").value
    version.save(update_fields=["status"])
    _record(actor, now, version, "item.retired")


def _record(actor: str, now: datetime, version: ItemVersion, act: str) -> None:
    ledger.append(
        actor=actor, now=now, act=act, subject=f"item:{version.item.code}", body={"version": version.version}
    )


@transaction.atomic
def make_joint_list(
    *,
    actor: str,
    now: datetime,
    code: str,
    name: str,
    lead_kind: str,
    directory: str,
    items: Collection[str],
) -> JointList:
    """A new joint list; all but the name are codes, `directory` may be empty. Refused with all that is wrong."""
    found = list(Item.objects.filter(code__in=items).select_related("agency_kind"))
    kind = registry.list_agency_kinds().filter(code=lead_kind).first()
    place = registry.find_directory(directory) if directory else None
    reasons = rules.check_joint_list(
        code, name, lead_kind, {item.code: item.agency_kind.code for item in found}, items
    )
    if JointList.objects.filter(code=code).exists():
        reasons.append(
            Reason(
                "joint-list.exists",
                "There is a joint list “%(code)s” already; choose another code.",
                facts={"code": code},
                at_field="code",
            )
        )
    if directory and place is None:
        reasons.append(
            Reason(
                "joint-list.unknown-directory",
                "The directory “%(code)s” is unknown.",
                facts={"code": directory},
                at_field="directory",
            )
        )
    refuse_if(reasons)
    assert kind is not None  # it has an item among those that were found
    made = JointList.objects.create(code=code, name=name.strip(), lead_kind=kind, directory=place)
    made.items.set(found)
    body: dict[str, JSON] = {
        "name": made.name,
        "lead": lead_kind,
        "directory": directory,
        "items": sorted(item.code for item in found),
    }
    ledger.append(actor=actor, now=now, act="joint-list.made", subject=f"joint-list:{code}", body=body)
    return made


@transaction.atomic
def set_rate(*, actor: str, now: datetime, facts: RateFacts, is_ours: bool = False) -> DrawRate:
    """Set rate, frequency, method and scope of a class from a date on, for a list, an item, a region, or for all."""
    joint_list = JointList.objects.filter(code=facts.joint_list).first() if facts.joint_list else None
    item = Item.objects.filter(code=facts.item).first() if facts.item else None
    region = registry.find_region(facts.region) if facts.region else None
    reasons = rules.check_rate(facts)
    if (facts.joint_list and joint_list is None) or (facts.item and item is None):
        reasons.append(
            Reason(
                "catalogue.unknown-list-or-item",
                "“%(code)s” is not in the catalogue.",
                facts={"code": facts.joint_list or facts.item},
            )
        )
    if facts.region and region is None:
        reasons.append(
            Reason("catalogue.unknown-region", "There is no region “%(code)s”.", facts={"code": facts.region})
        )
    refuse_if(reasons)
    row, _ = DrawRate.objects.update_or_create(
        joint_list=joint_list,
        item=item,
        region=region,
        risk_class=facts.risk_class,
        in_force_from=facts.in_force_from,
        defaults={
            "rate": facts.rate,
            "visits_a_year": facts.visits_a_year,
            "method": facts.method.value,
            "scope": facts.scope.value,
            "source": facts.source,
            "is_ours": is_ours,
        },
    )
    ledger.append(actor=actor, now=now, act="rate.set", subject="rates", body=_body_of(facts))
    return row


def _body_of(facts: RateFacts) -> dict[str, JSON]:
    return {
        "list": facts.joint_list,
        "item": facts.item,
        "region": facts.region,
        "class": facts.risk_class,
        "rate": str(facts.rate),
        "visits_a_year": facts.visits_a_year,
        "method": facts.method.value,
        "scope": facts.scope.value,
        "from": facts.in_force_from.isoformat(),
        "source": facts.source,
    }


@transaction.atomic
def set_number(*, actor: str, now: datetime, facts: NumberFacts, words: str) -> LegalNumber:
    """Set a number of the law from a date on, with its source; for everywhere, or for one region or zone."""
    row, _ = LegalNumber.objects.update_or_create(
        code=facts.code,
        region=facts.region,
        in_force_from=facts.in_force_from,
        defaults={
            "value": facts.value,
            "unit": facts.unit,
            "source": facts.source,
            "is_ours": facts.is_ours,
            "words": words,
        },
    )
    body = {
        "value": str(facts.value),
        "region": facts.region,
        "unit": facts.unit,
        "source": facts.source,
        "from": f"{facts.in_force_from}",
    }
    ledger.append(actor=actor, now=now, act="number.set", subject=f"number:{facts.code}", body=body)
    return row
