"""Reading the registry: for pages, plans and rules. Lists are narrowed by `accounts.queries.scoped` at the door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from yicha.kernel import uscc as codes
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.registry import rules
from yicha.know.registry.models import (
    ABSENCES,
    EQUIPMENT,
    PARTS,
    WISHES,
    Absence,
    Agency,
    AgencyKind,
    Alias,
    Directory,
    Enterprise,
    EnterpriseLink,
    Equipment,
    Officer,
    Recusal,
    Region,
    VisitWish,
    Zone,
)
from yicha.know.registry.terms import (
    DayPart,
    DirectoryMode,
    DirectoryRule,
    EnterpriseStatus,
    PlacePatterns,
    RegionKind,
    WishFacts,
    WishKind,
)

MOST_ALIASES = 1000
"""So many owners of an alias go into a search as a list; more as a subquery."""
OFFICERS_SQL = """(
    SELECT coalesce(json_agg(json_build_array(
        o.certificate, o.name, o.agency_id, o.active, o.valid_from, o.valid_until, o.competences,
        coalesce((SELECT r.reason FROM registry_recusal r
                  WHERE r.officer_id = o.id AND r.enterprise_id = e.id AND r.from_on <= a.until_on
                    AND (r.until_on IS NULL OR r.until_on >= a.from_on)
                  ORDER BY r.from_on, r.id LIMIT 1), '')) ORDER BY o.certificate), '[]'::json)
    FROM registry_officer o WHERE o.certificate = ANY (a.officers)
)"""
"""Officers asked for: [certificate, name, agency's id, in service, valid from, valid until, competences, why recused].

A scalar subquery that gives JSON, for the one statement of the gate: `a` is what is asked, `e` the enterprise.
"""
REFERENCE_SQL = """json_build_object(
    'regions', (SELECT coalesce(json_agg(json_build_array(id, code, kind, parent_id)), '[]'::json)
                FROM registry_region),
    'zones', (SELECT coalesce(json_agg(json_build_array(z.id, z.code, (
                  SELECT coalesce(json_agg(r.code ORDER BY r.code), '[]'::json) FROM registry_zone_regions zr
                  JOIN registry_region r ON r.id = zr.region_id WHERE zr.zone_id = z.id))), '[]'::json)
              FROM registry_zone z),
    'agencies', (SELECT coalesce(json_agg(json_build_array(g.id, g.code, g.name, k.code, g.region_id)), '[]'::json)
                 FROM registry_agency g JOIN registry_agencykind k ON k.id = g.kind_id)
)"""
"""What processes keep in memory (decision 0015): regions [id, code, kind, parent's id], zones [id, code, codes of
regions], agencies [id, code, name, kind, region's id].
"""


def list_regions() -> QuerySet[Region]:
    """All regions, by code: the tree in reading order."""
    return Region.objects.select_related("parent").order_by("code")


def find_region(code: str) -> Region | None:
    """A region by code."""
    return list_regions().filter(code=code).first()


def get_place_name(code: str) -> str:
    """The name of the zone or region with this code; the code itself where there is none."""
    zone = list_zones().filter(code=code).first()
    return str(zone or find_region(code) or code)


def list_zones() -> QuerySet[Zone]:
    """All zones with the regions they cross."""
    return Zone.objects.prefetch_related("regions").order_by("code")


def get_place_patterns() -> tuple[list[PlacePatterns], list[PlacePatterns]]:
    """What `rules.place_address` needs: regions and zones with their patterns.

    A district without patterns of its own is found by its name; a city or province never is, since every
    address in it begins with it.
    """
    by_name = {RegionKind.DISTRICT.value, RegionKind.FUNCTIONAL.value}
    regions = [
        PlacePatterns(
            region.code, tuple(region.address_patterns) or ((region.name,) if region.kind in by_name else ())
        )
        for region in list_regions()
    ]
    zones = [
        PlacePatterns(
            zone.code, tuple(zone.address_patterns), tuple(region.code for region in zone.regions.all())
        )
        for zone in list_zones()
    ]
    return regions, zones


def list_agency_kinds() -> QuerySet[AgencyKind]:
    """All kinds of agency."""
    return AgencyKind.objects.order_by("code")


def list_agencies() -> QuerySet[Agency]:
    """All agencies with kind and region."""
    return Agency.objects.select_related("kind", "region").order_by("code")


def find_agency(code: str) -> Agency | None:
    """An agency by its code."""
    return list_agencies().filter(code=code).first()


def list_officers() -> QuerySet[Officer]:
    """All officers with their agency."""
    return Officer.objects.select_related("agency__region", "agency__kind").order_by("certificate")


def find_officer(certificate: str) -> Officer | None:
    """An officer by certificate."""
    return list_officers().filter(certificate=certificate).first()


def list_fit_officers(on: date) -> QuerySet[Officer]:
    """Officers in service whose certificate holds on a date."""
    return list_officers().filter(active=True, valid_from__lte=on, valid_until__gte=on)


def list_recusals(on: date) -> QuerySet[Recusal]:
    """Recusals that hold on a date."""
    return Recusal.objects.filter(from_on__lte=on).filter(Q(until_on=None) | Q(until_on__gte=on))


def list_all_recusals() -> QuerySet[Recusal]:
    """All recusals, whenever they hold."""
    return Recusal.objects.order_by("officer_id", "enterprise_id", "from_on")


def list_enterprises() -> QuerySet[Enterprise]:
    """All enterprises with region and zone, by code."""
    return Enterprise.objects.select_related("region", "zone").order_by("uscc")


def find_enterprise(uscc: str) -> Enterprise | None:
    """An enterprise by code, however the code was typed."""
    return list_enterprises().filter(uscc=codes.normalise(uscc)).first()


def find_entry(uscc: str) -> tuple[str, str, str, str, int | None, int | None, str, str] | None:
    """An enterprise by its code exactly, read by that key alone; None if there is none.

    (code, name, kind, industry, region's id, zone's id, address, status)
    """
    fields = ("uscc", "name", "kind", "industry", "region_id", "zone_id", "address", "status")
    return Enterprise.objects.order_by().filter(uscc=uscc).values_list(*fields).first()


def get_enterprise(uscc: str) -> Enterprise:
    """An enterprise by code; raises `NotFound`."""
    found = find_enterprise(uscc)
    if found is None:
        raise NotFound
    return found


def search_enterprises(queryset: QuerySet[Enterprise], text: str) -> QuerySet[Enterprise]:
    """Rows whose name, alias, code or pinyin initials contain what was typed."""
    words = text.split()
    for word in words:
        code = codes.normalise(word)
        found = Q(name__contains=word) | _by_alias(word)
        if code.isascii() and code.isalnum():
            found |= Q(uscc__contains=code) | Q(initials__contains=code.lower())
        queryset = queryset.filter(found)
    return queryset


def _by_alias(word: str) -> Q:
    """Enterprises that also go by a name with this word.

    As a list of ids: beside a subquery, PostgreSQL would use no index for the other names either.
    """
    owners = Alias.objects.filter(name__contains=word).values_list("enterprise_id", flat=True)
    few = list(owners[: MOST_ALIASES + 1])
    return Q(pk__in=few if len(few) <= MOST_ALIASES else owners)


def list_directories() -> QuerySet[Directory]:
    """All directories, by code."""
    return Directory.objects.order_by("code")


def find_directory(code: str) -> Directory | None:
    """A directory by code."""
    return Directory.objects.filter(code=code).first()


def list_directories_of(enterprise: Enterprise) -> list[Directory]:
    """The directories that an enterprise is in now, by rule or by hand."""
    kept = set(enterprise.directories.values_list("pk", flat=True))
    found = []
    for directory in list_directories():
        by_rule = directory.mode == DirectoryMode.RULE
        if directory.pk in kept or (by_rule and list_members(directory).filter(pk=enterprise.pk).exists()):
            found.append(directory)
    return found


def list_members(directory: Directory) -> QuerySet[Enterprise]:
    """The enterprises in a directory now. By rule: active ones that fulfil it. By hand: as kept."""
    if directory.mode == DirectoryMode.HAND:
        return list_listed(directory)
    return list_listed(directory).filter(status=EnterpriseStatus.ACTIVE.value)


def list_listed(directory: Directory) -> QuerySet[Enterprise]:
    """Everybody whom a directory names, whatever the registration's status: a draw says who is left out, and why."""
    if directory.mode == DirectoryMode.HAND:
        return list_enterprises().filter(directories=directory)
    rule = rules.read_directory_rule(directory.rule)
    if not isinstance(rule, DirectoryRule):
        raise Refused(rule)
    return list_enterprises().filter(directory_condition(rule))


def in_place(queryset: QuerySet[Enterprise], *, region: str = "", zone: str = "") -> QuerySet[Enterprise]:
    """The enterprises of a list that lie in a region (or below it in the tree), or in a zone; by code."""
    if zone:
        return queryset.filter(zone__in=list(Zone.objects.filter(code=zone).values_list("pk", flat=True)))
    within = Region.objects.filter(
        Q(code=region) | Q(parent__code=region) | Q(parent__parent__code=region)
    ).values_list("pk", flat=True)
    return queryset.filter(region__in=list(within))


def count_listed(
    directories: Sequence[Directory], *, region: str = "", zone: str = ""
) -> list[tuple[str, str, str, int]]:
    """Active enterprises of each directory at a place: (directory, region, class, how many). In one pass over all."""
    counts = {
        f"size_{number}": Count("pk", filter=is_named_by(directory))
        for number, directory in enumerate(directories)
    }
    rows = (
        in_place(list_enterprises(), region=region, zone=zone)
        .filter(status=EnterpriseStatus.ACTIVE.value, region__isnull=False)
        .order_by()
        .values_list("region__code", "risk_class")
        .annotate(**counts)
    )
    return [
        (directory.code, place, letter, size)
        for place, letter, *sizes in rows
        for directory, size in zip(directories, sizes, strict=True)
        if size
    ]


def is_named_by(directory: Directory) -> Q:
    """Whether a directory names an enterprise, as a condition."""
    rule = None if directory.mode == DirectoryMode.HAND else rules.read_directory_rule(directory.rule)
    if isinstance(rule, DirectoryRule):
        return directory_condition(rule)
    return Q(pk__in=list_listed(directory).order_by().values("pk"))


def directory_condition(rule: DirectoryRule) -> Q:
    """A directory's rule as SQL; see `terms.DirectoryRule` for its meaning.

    strpos() instead of LIKE: most words have two characters, for which no trigram index helps, and over UTF-8 it
    reads a business scope twice as fast.
    """
    trade = Q()
    for prefix in rule.industries:
        trade |= Q(industry__startswith=prefix)
    for word in rule.keywords:
        trade |= _has(word, "name") | _has(word, "scope_text")
    condition = trade
    for path, values in (
        ("region__code__in", rule.regions),
        ("zone__code__in", rule.zones),
        ("risk_class__in", rule.classes),
        ("kind__in", rule.kinds),
    ):
        if values:
            condition &= Q(**{path: values})
    return condition


def _has(word: str, path: str) -> Q:
    return Q(GreaterThan(StrIndex(F(path), Value(word)), Value(0)))


def list_links_of(enterprise: Enterprise) -> QuerySet[EnterpriseLink]:
    """What an enterprise shares with others."""
    return EnterpriseLink.objects.filter(enterprise=enterprise).order_by("kind", "words", "pk")


def list_linked(kind: str, key: str) -> QuerySet[Enterprise]:
    """The enterprises in operation that hang together by a key."""
    return list_enterprises().filter(links__kind=kind, links__key=key, status=EnterpriseStatus.ACTIVE.value)


def list_absences() -> QuerySet[Absence]:
    """All absences of officers, whenever."""
    return Absence.objects.select_related("officer__agency__region").order_by("-from_on", "pk")


def list_absences_between(first: date, last: date) -> QuerySet[Absence]:
    """Those that touch days from one to another, both included."""
    return list_absences().filter(from_on__lte=last, until_on__gte=first)


def find_absence(uuid: UUID | str) -> Absence | None:
    """An absence."""
    return list_absences().filter(uuid=uuid).first()


def list_equipment() -> QuerySet[Equipment]:
    """What agencies can take along."""
    return Equipment.objects.select_related("agency__region").order_by("agency__code", "code")


def find_equipment(agency: str, code: str) -> Equipment | None:
    """What an agency has of a code."""
    return list_equipment().filter(agency__code=agency, code=code).first()


def list_wishes() -> QuerySet[VisitWish]:
    """What enterprises say of their days."""
    return VisitWish.objects.select_related("enterprise__region", "enterprise__zone").order_by(
        "said_at", "pk"
    )


def find_wish(uuid: UUID | str) -> VisitWish | None:
    """One of them."""
    return list_wishes().filter(uuid=uuid).first()


def list_wish_facts(enterprises: Collection[int] | None = None) -> dict[int, list[WishFacts]]:
    """Enterprise (id) → its wishes, as they were said; of all enterprises that said any, or of some."""
    rows = VisitWish.objects.order_by("said_at", "pk")
    if enterprises is not None:
        rows = rows.filter(enterprise__in=enterprises)
    found: dict[int, list[WishFacts]] = defaultdict(list)
    for owner, kind, weekday, from_on, until_on, part in rows.values_list(
        "enterprise_id", "kind", "weekday", "from_on", "until_on", "part"
    ):
        half = DayPart(part) if part else None
        found[owner].append(WishFacts(WishKind(kind), weekday, from_on, until_on, half))
    return dict(found)


def list_closed(wishes: Iterable[WishFacts], working_days: Sequence[date], most: int) -> set[rules.HalfDay]:
    """The half days of these on which an enterprise is closed; see `rules.list_closed`."""
    return rules.list_closed(wishes, working_days, most)


def list_preferred(wishes: Iterable[WishFacts], working_days: Sequence[date]) -> set[rules.HalfDay]:
    """The half days of these on which an enterprise would rather be visited."""
    preferred = (wish for wish in wishes if wish.kind is WishKind.PREFERRED)
    return rules.list_wished(preferred, working_days)


def list_when_choices() -> dict[str, list[tuple[str, Any]]]:
    """What forms offer: kinds of absence and of equipment, kinds of wish, halves of a day."""
    tables: dict[str, Mapping[Any, Any]] = {
        "absence": ABSENCES,
        "equipment": EQUIPMENT,
        "wish": WISHES,
        "part": PARTS,
    }
    return {name: [(key.value, words) for key, words in table.items()] for name, table in tables.items()}
