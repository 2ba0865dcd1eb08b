"""Reading the catalogue and the numbers of the law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Case, QuerySet, When

from yicha.kernel.refusal import Reason, Refused
from yicha.know.catalogue import rules
from yicha.know.catalogue.models import DrawRate, Item, ItemVersion, JointList, LegalNumber
from yicha.know.catalogue.terms import ItemStatus, NumberFacts, RateFacts

REFERENCE_SQL = """json_build_object(
    'numbers', (SELECT coalesce(json_agg(json_build_array(
                    code, value::text, unit, source, is_ours, in_force_from, region)), '[]'::json)
                FROM catalogue_legalnumber),
    'versions', (SELECT coalesce(json_agg(json_build_array(
                     v.id, i.code, k.code, v.version, v.name, v.competence, v.method, v.annual_cap, v.status,
                     v.in_force_from) ORDER BY i.code, v.status = 'published', v.version), '[]'::json)
                 FROM catalogue_itemversion v JOIN catalogue_item i ON i.id = v.item_id
                 JOIN registry_agencykind k ON k.id = i.agency_kind_id)
)"""
"""What processes keep in memory (decision 0015): the fields of `NumberFacts` in their order, and versions of items
[id, item, kind of agency, version, name, competence, method, times a year, status, in force from], the one that counts
last: the published one, else the newest.
"""


def list_items() -> QuerySet[Item]:
    """All items with their kind of agency."""
    return Item.objects.select_related("agency_kind").order_by("code")


def find_item(code: str) -> Item | None:
    """An item by code."""
    return list_items().filter(code=code).first()


def list_versions_in_force(on: date) -> QuerySet[ItemVersion]:
    """Published versions that are in force on a date: all that may be checked."""
    return (
        ItemVersion.objects.select_related("item__agency_kind")
        .filter(status=ItemStatus.PUBLISHED.value, in_force_from__lte=on)
        .order_by("item__code")
    )


def list_versions() -> QuerySet[ItemVersion]:
    """Every version of every item, drafts and retired ones too."""
    return ItemVersion.objects.select_related("item__agency_kind").order_by("item__code", "version")


def list_current_versions() -> QuerySet[ItemVersion]:
    """One version of each item, by code: the published one, else the newest."""
    best = ItemVersion.objects.order_by(
        "item_id", Case(When(status="published", then=0), default=1), "-version"
    )
    return (
        ItemVersion.objects.filter(pk__in=best.distinct("item_id").values("pk"))
        .select_related("item__agency_kind")
        .order_by("item__code")
    )


def list_items_known_on(on: date) -> QuerySet[Item]:
    """Items that had a version in force on a day, whatever became of it."""
    return Item.objects.filter(pk__in=ItemVersion.objects.filter(in_force_from__lte=on).values("item"))


def list_joint_lists() -> QuerySet[JointList]:
    """All joint lists with lead, directory and items."""
    return (
        JointList.objects.select_related("lead_kind", "directory")
        .prefetch_related("items__agency_kind")
        .order_by("code")
    )


def find_joint_list(code: str) -> JointList | None:
    """A joint list by code."""
    return list_joint_lists().filter(code=code).first()


def list_rates() -> QuerySet[DrawRate]:
    """All rows of rates, the newest first."""
    return DrawRate.objects.select_related("joint_list", "item", "region").order_by(
        "risk_class", "-in_force_from"
    )


def list_rate_facts() -> list[RateFacts]:
    """All rates for `find_rate`, read once."""
    return [row.facts for row in list_rates()]


def find_rate(
    rates: list[RateFacts], *, joint_list: str = "", item: str = "", risk_class: str, region: str, on: date
) -> RateFacts | None:
    """The rate in force for a class in a region; None when no row says anything."""
    return rules.rate_for(
        rates, joint_list=joint_list, item=item, risk_class=risk_class, region=region, on=on
    )


def list_numbers() -> QuerySet[LegalNumber]:
    """All numbers of the law, each with its rows, the newest first."""
    return LegalNumber.objects.order_by("code", "region", "-in_force_from")


def get_number(code: str, on: date, regions: Sequence[str] = ()) -> NumberFacts:
    """A number of the law on a date; refused with its name when no row is in force.

    `regions`: the codes that a place lies in, the nearest first, where a region may say otherwise.
    """
    rows = [row.facts for row in LegalNumber.objects.filter(code=code)]
    found = rules.number_in_force(rows, code, on, regions)
    if found is None:
        raise Refused(
            [
                Reason(
                    "catalogue.number-missing",
                    "No row of the number “%(code)s” is in force on %(on)s; add one with its source.",
                    facts={"code": code, "on": on.isoformat()},
                )
            ]
        )
    return found


def find_in_force(
    rows: Iterable[NumberFacts], code: str, on: date, regions: Sequence[str] = ()
) -> NumberFacts | None:
    """`get_number` over rows that were read before; None when none is in force."""
    return rules.number_in_force(rows, code, on, regions)
