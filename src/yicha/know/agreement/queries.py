"""Reading agreements, consents and conflicts of standards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from yicha.base.accounts.terms import Scope
from yicha.know.agreement import rules
from yicha.know.agreement.models import (
    Agreement,
    AssistanceRequest,
    Equivalence,
    Ruling,
    Signature,
    StandardConflict,
)
from yicha.know.agreement.models.conflicts import OUTCOMES
from yicha.know.agreement.models.pacts import SHARES
from yicha.know.agreement.terms import AgreementDraft, AgreementFacts, AgreementState, VersionFacts
from yicha.know.registry import queries as registry

SHARE_CHOICES = [(share.value, words) for share, words in SHARES.items()]
"""What may be shared, with its words, for choices."""
OUTCOME_CHOICES = [(outcome.value, words) for outcome, words in OUTCOMES.items()]
"""What may be ruled, with its words, for choices."""
CONSENTS_SQL = """(
    SELECT coalesce(
        json_agg(json_build_array(consent.uuid, region.code, consent.from_on, consent.until_on)
                 ORDER BY consent.from_on, consent.id), '[]'::json)
    FROM agreement_assistancerequest consent
    JOIN registry_region region ON region.id = consent.region_id
    WHERE consent.enterprise_id = e.id AND consent.agency_id = a.agency_id
      AND consent.state = 'granted' AND consent.until_on >= a.from_on
)"""
"""Consents of other regions: [uuid, region, first day, last day], of the asking agency `a` at the enterprise `e`.

A scalar subquery that gives JSON, for the one statement of the gate. Consents that end before the days asked for are
left out; those that begin later are there, so that a verdict can say from when on the visit may be.
"""
REFERENCE_SQL = """json_build_object(
    'agreements', (SELECT coalesce(json_agg(json_build_array(
        v.code, v.version, v.state, v.name,
        (SELECT coalesce(json_agg(r.code), '[]'::json) FROM agreement_agreement_regions m
         JOIN registry_region r ON r.id = m.region_id WHERE m.agreement_id = v.id),
        (SELECT coalesce(json_agg(k.code), '[]'::json) FROM agreement_agreement_kinds m
         JOIN registry_agencykind k ON k.id = m.agencykind_id WHERE m.agreement_id = v.id),
        (SELECT coalesce(json_agg(i.code), '[]'::json) FROM agreement_agreement_items m
         JOIN catalogue_item i ON i.id = m.item_id WHERE m.agreement_id = v.id),
        v.shares, v.valid_from, v.valid_until, v.begins_on, v.notice_until) ORDER BY v.code, v.version), '[]'::json)
        FROM agreement_agreement v WHERE v.begins_on IS NOT NULL),
    'equivalences', (SELECT coalesce(json_agg(json_build_array(
        v.code, own.code, here.code, other.code, there.code, q.both_ways) ORDER BY v.code, q.id), '[]'::json)
        FROM agreement_equivalence q
        JOIN agreement_agreement v ON v.id = q.agreement_id
        JOIN catalogue_item own ON own.id = q.own_item_id JOIN registry_region here ON here.id = q.own_region_id
        JOIN catalogue_item other ON other.id = q.other_item_id
        JOIN registry_region there ON there.id = q.other_region_id
        WHERE q.state = 'holds'),
    'rulings', (SELECT coalesce(json_agg(json_build_array(y.itemversion_id, g.code, g.words)
                                         ORDER BY y.itemversion_id, g.ruled_at), '[]'::json)
        FROM agreement_ruling g JOIN agreement_ruling_yields y ON y.ruling_id = g.id WHERE g.state = 'binds')
)"""
"""What processes keep in memory (decision 0015), in one statement, for `read_reference`."""
Reference = tuple[list[AgreementFacts], list[tuple[str, str, str, str, str]], list[tuple[int, str]]]
"""Agreements, equivalences and rulings: as `list_agreement_facts`, `list_equivalences`, `list_rulings` give them."""


def list_agreements() -> QuerySet[Agreement]:
    """All versions of all agreements, the newest first, with members and signatures."""
    signatures = Signature.objects.select_related("region").order_by("region__code")
    return Agreement.objects.prefetch_related(
        "regions", "kinds", "items", Prefetch("signatures", signatures)
    ).order_by("-code", "-version")


def find_agreement(code: str, version: int) -> Agreement | None:
    """A version of an agreement."""
    return list_agreements().filter(code=code, version=version).first()


def list_versions(code: str) -> QuerySet[Agreement]:
    """All versions of an agreement, the newest first."""
    return list_agreements().filter(code=code)


def list_agreement_facts() -> list[AgreementFacts]:
    """All versions that every region has signed, with the days on which they hold; the caller chooses by day.

    Right on every day, whatever the stored state says meanwhile: no two versions of an agreement share a day.
    """
    return _reference()[0]


def list_agreements_in_force(on: date, regions: Iterable[str] = ()) -> list[AgreementFacts]:
    """The agreements that hold on a day; with `regions`: those of which all of them are members."""
    wanted = frozenset(regions)
    return [
        one for one in list_agreement_facts() if rules.is_in_force(one, on) and one.regions.issuperset(wanted)
    ]


def find_last_day(agreement: Agreement) -> date | None:
    """The last day of a version: as agreed, after notice, or before the next version; None: open."""
    return rules.find_last_day(agreement.facts, [row.facts for row in list_versions(agreement.code)])


def _reference() -> Reference:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {REFERENCE_SQL}")
        return read_reference(cursor.fetchone()[0])


def read_reference(found: Mapping[str, list[list[Any]]]) -> Reference:
    """What `REFERENCE_SQL` gave: as `list_agreement_facts`, `list_equivalences` and `list_rulings` give it."""
    versions = [_read_version(row) for row in found["agreements"]]
    equivalences = []
    for code, own, here, other, there, both_ways in found["equivalences"]:
        equivalences.append((code, own, here, other, there))
        if both_ways:
            equivalences.append((code, other, there, own, here))
    rulings = [(version, f"{code} {words}") for version, code, words in found["rulings"]]
    return rules.list_periods(versions), equivalences, rulings


def _read_version(row: list[Any]) -> VersionFacts:
    code, version, state, name, regions, kinds, items, shares, *days = row
    valid_from, valid_until, begins_on, notice_until = (
        date.fromisoformat(day) if day else None for day in days
    )
    draft = AgreementDraft(
        name=name,
        text="",
        regions=frozenset(regions),
        shares=frozenset(shares),
        valid_from=valid_from or date.min,
        notice_days=0,
        valid_until=valid_until,
        kinds=frozenset(kinds),
        items=frozenset(items),
    )
    state = AgreementState(state)
    return VersionFacts(code, version, state, draft, begins_on=begins_on, notice_until=notice_until)


def list_equivalence_rows(code: str) -> QuerySet[Equivalence]:
    """The items that count as the same under an agreement, ended ones last."""
    return (
        Equivalence.objects.select_related(
            "agreement", "own_item", "own_region", "other_item", "other_region"
        )
        .filter(agreement__code=code)
        .order_by("-state", "own_item__code", "pk")
    )


def list_equivalences() -> list[tuple[str, str, str, str, str]]:
    """What counts as the same now: (agreement, item a, region a, item b, region b).

    A result on b found in region b counts as one on a in region a, while the agreement of this code is in force and
    both are its members. What holds in both directions is given twice.
    """
    return _reference()[1]


def list_rulings() -> list[tuple[int, str]]:
    """Item versions that must not be checked, each with the ruling (its number and words) by which it yields."""
    return _reference()[2]


def list_rulings_of_item(item_code: str) -> QuerySet[Ruling]:
    """The rulings about an item, whether it yields or holds; those that bind first."""
    return (
        Ruling.objects.select_related("conflict")
        .prefetch_related("yields")
        .filter(Q(conflict__a_version__item__code=item_code) | Q(conflict__b_version__item__code=item_code))
        .order_by("state", "-ruled_at")
    )


def list_assistance() -> QuerySet[AssistanceRequest]:
    """All requests for assistance with agency, enterprise and region, the newest first."""
    return AssistanceRequest.objects.select_related(
        "agency__region", "agency__kind", "enterprise__region", "enterprise__zone", "region"
    ).order_by("-filed_at", "-pk")


def find_assistance(code: str) -> AssistanceRequest | None:
    """A request by its number."""
    return list_assistance().filter(code=code).first()


def get_answer_scope(request: AssistanceRequest) -> Scope:
    """Who answers: the agency of the same kind in the region asked, or anybody of that region if it has none."""
    codes = (
        registry.list_agencies()
        .filter(kind=request.agency.kind, region=request.region)
        .values_list("code", flat=True)
    )
    return Scope(agencies=frozenset(codes) or None, region=request.region.code)


def list_conflicts() -> QuerySet[StandardConflict]:
    """The register of conflicts of standards, the newest first, with both sides and the rulings."""
    return (
        StandardConflict.objects.select_related(
            "region",
            "enterprise__region",
            "enterprise__zone",
            "a_version__item__agency_kind",
            "a_agency",
            "b_version__item__agency_kind",
            "b_agency",
        )
        .prefetch_related(Prefetch("rulings", Ruling.objects.order_by("-ruled_at")))
        .order_by("-filed_at", "-pk")
    )


def find_conflict(code: str) -> StandardConflict | None:
    """A conflict by its number."""
    return list_conflicts().filter(code=code).first()


def list_conflicts_of(uscc: str) -> QuerySet[StandardConflict]:
    """What an enterprise has filed."""
    return list_conflicts().filter(enterprise__uscc=uscc)


def get_signing_scope(agreement: Agreement, region: str) -> Scope:
    """Who signs for a region: an approver there; of agencies of the kinds concerned, if the agreement names kinds."""
    kinds = list(agreement.kinds.all())
    if not kinds:
        return Scope(region=region)
    codes = registry.list_agencies().filter(kind__in=kinds, region__code=region)
    return Scope(agencies=frozenset(codes.values_list("code", flat=True)), region=region)
