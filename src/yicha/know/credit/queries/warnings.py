"""Reading warnings: who is concerned, and what a warning rests on. Internal; lists are scoped at the door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from yicha.know.catalogue import queries as catalogue
from yicha.know.credit.models import ClassRun, CreditRecord, CreditWarning, Standing
from yicha.know.credit.terms.warnings import WarningState
from yicha.know.registry import queries as registry

MARKET = "market"
"""Who is concerned where no joint list says another: market regulation (市场监管) of the region."""
RECORD = "credit:"


def list_warnings() -> QuerySet[CreditWarning]:
    """All warnings, the latest first."""
    return CreditWarning.objects.select_related("enterprise__region", "enterprise__zone").order_by(
        "-raised_at", "-id"
    )


def find_warning(uuid: UUID) -> CreditWarning | None:
    """A warning."""
    return list_warnings().filter(uuid=uuid).first()


def list_open() -> QuerySet[CreditWarning]:
    """Warnings that nobody has closed."""
    return list_warnings().exclude(state=WarningState.CLOSED.value)


def concerning(agencies: Collection[str]) -> Q:
    """The condition of warnings that concern one of some agencies."""
    return Q(agencies__overlap=list(agencies))


def mine_first(rows: QuerySet[CreditWarning], agencies: Collection[str]) -> QuerySet[CreditWarning]:
    """Open ones of these agencies, then other open ones, then the closed; the latest first within each."""
    cases = [When(Q(state=WarningState.CLOSED.value), then=Value(2))]
    if agencies:
        cases.append(When(concerning(agencies), then=Value(0)))
    place = Case(*cases, default=Value(1), output_field=IntegerField())
    return rows.annotate(place=place).order_by("place", "-raised_at", "-id")


def list_members(warning: CreditWarning) -> QuerySet[Any]:
    """The enterprises of a cluster, as far as their codes are kept; of another warning its one enterprise."""
    return (
        registry.list_enterprises()
        .select_related("region", "zone", "standing")
        .filter(uscc__in=[warning.enterprise.uscc, *warning.others])
    )


def find_record_of(warning: CreditWarning) -> CreditRecord | None:
    """The record that a warning rests on, in the version that holds, if one record did it."""
    because = str(warning.facts.get("because", ""))
    if not because.startswith(RECORD):
        return None
    return (
        CreditRecord.objects.select_related("agency", "enterprise__region", "enterprise__zone")
        .filter(code=because.removeprefix(RECORD))
        .order_by("-version")
        .first()
    )


def list_enterprises_of_record(code: str) -> QuerySet[CreditRecord, int]:
    """The ids of whom a record speaks of, in all its versions."""
    return CreditRecord.objects.filter(code=code).order_by().values_list("enterprise_id", flat=True)


def find_concerned(warnings: Collection[int]) -> dict[int, list[str]]:
    """The codes of agencies concerned, by warning.

    Ours: agencies of the enterprise's region whose kind leads or takes part in a joint list whose directory has the
    enterprise; without any, market regulation of the region, or of the nearest region above that has one; and the
    source agency of the record that did it. Of a cluster, those of all its enterprises.
    """
    rows = list(
        CreditWarning.objects.filter(pk__in=warnings).values_list("pk", "enterprise__uscc", "others", "facts")
    )
    codes = {code for _pk, head, others, _facts in rows for code in (head, *others)}
    by_enterprise = _find_supervisors(codes)
    sources = _find_sources(str(facts.get("because", "")) for _pk, _head, _others, facts in rows)
    found = {}
    for pk, head, others, facts in rows:
        agencies = {code for uscc in (head, *others) for code in by_enterprise.get(uscc, ())}
        source = sources.get(str(facts.get("because", "")).removeprefix(RECORD))
        found[pk] = sorted(agencies | ({source} if source else set()))
    return found


def _find_sources(because: Iterable[str]) -> dict[str, str]:
    """The source agency of records, by the record's code."""
    codes = {text.removeprefix(RECORD) for text in because if text.startswith(RECORD)}
    if not codes:
        return {}
    return dict(CreditRecord.objects.filter(code__in=codes).values_list("code", "agency__code"))


def _find_supervisors(codes: Collection[str]) -> dict[str, set[str]]:
    """Who supervises enterprises, by their codes."""
    rows = list(
        registry.list_enterprises().filter(uscc__in=codes).order_by().values_list("pk", "uscc", "region_id")
    )
    kinds = _find_kinds([pk for pk, _uscc, _region in rows])
    agencies = {
        (region, kind): code
        for region, kind, code in registry.list_agencies().values_list("region_id", "kind__code", "code")
    }
    above: dict[int, int | None] = dict(registry.list_regions().values_list("pk", "parent_id"))
    found: dict[str, set[str]] = {}
    for pk, uscc, region in rows:
        named = {agencies[region, kind] for kind in kinds.get(pk, ()) if (region, kind) in agencies}
        found[uscc] = named or _find_market(region, agencies, above)
    return found


def _find_market(
    region: int | None, agencies: Mapping[tuple[int, str], str], above: Mapping[int, int | None]
) -> set[str]:
    while region is not None:
        if (region, MARKET) in agencies:
            return {agencies[region, MARKET]}
        region = above.get(region)
    return set()


def _find_kinds(enterprises: Collection[int]) -> dict[int, set[str]]:
    """Kinds of agency that lead or take part in a joint list whose directory has them, by enterprise."""
    found: dict[int, set[str]] = defaultdict(set)
    for joint in catalogue.list_joint_lists():
        if joint.directory is None:
            continue
        kinds = {joint.lead_kind.code, *(item.agency_kind.code for item in joint.items.all())}
        members = registry.list_members(joint.directory).filter(pk__in=enterprises).order_by()
        for pk in members.values_list("pk", flat=True):
            found[pk] |= kinds
    return found


def find_run_of(warning: CreditWarning) -> ClassRun | None:
    """The classification that did it, if one did."""
    kind, _colon, name = str(warning.facts.get("because", "")).partition(":")
    try:
        wanted = UUID(name) if kind == "run" else None
    except ValueError:
        return None
    return ClassRun.objects.filter(uuid=wanted).first() if wanted else None


def find_standing_of(warning: CreditWarning) -> Standing | None:
    """Where the warned-of enterprise stands now; None if it was never classified."""
    return Standing.objects.filter(enterprise_id=warning.enterprise_id).first()
