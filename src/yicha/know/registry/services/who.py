"""Writing who there is: places, agencies, directories, recusals, sites, names, links, classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry import queries, rules
from yicha.know.registry.models import (
    Agency,
    AgencyKind,
    Alias,
    Directory,
    Enterprise,
    Officer,
    Premises,
    Recusal,
    Region,
    Zone,
)
from yicha.know.registry.terms import DirectoryMode, DirectoryRule, LinkKind, RegionKind


@transaction.atomic
def save_region(
    *,
    actor: str,
    now: datetime,
    code: str,
    name: str,
    kind: RegionKind,
    parent: str = "",
    patterns: Sequence[str] = (),
    middle: tuple[Decimal, Decimal] | None = None,
) -> Region:
    """Add or change a division; its parent must exist. `middle`: latitude and longitude; None leaves them."""
    above = _region(parent, "parent") if parent else None
    given: dict[str, Any] = {
        "name": name,
        "kind": kind.value,
        "parent": above,
        "address_patterns": list(patterns),
    }
    if middle is not None:
        refuse_if(rules.check_place(*middle))
        given |= {"lat": middle[0], "lon": middle[1]}
    region, _ = Region.objects.update_or_create(code=code, defaults=given)
    body: JSON = {"name": name, "kind": kind.value, "parent": parent, "patterns": list(patterns)}
    ledger.append(actor=actor, now=now, act="region.saved", subject=f"region:{code}", body=body)
    return region


@transaction.atomic
def save_zone(
    *, actor: str, now: datetime, code: str, name: str, regions: Sequence[str], patterns: Sequence[str]
) -> Zone:
    """Add or change a zone; the regions it crosses must exist."""
    crossed = [_region(region, "regions") for region in regions]
    zone, _ = Zone.objects.update_or_create(
        code=code, defaults={"name": name, "address_patterns": list(patterns)}
    )
    zone.regions.set(crossed)
    body = {"name": name, "regions": list(regions), "patterns": list(patterns)}
    ledger.append(actor=actor, now=now, act="zone.saved", subject=f"zone:{code}", body=body)
    return zone


@transaction.atomic
def save_agency_kind(*, actor: str, now: datetime, code: str, name: str) -> AgencyKind:
    """Add or rename a kind of agency."""
    kind, _ = AgencyKind.objects.update_or_create(code=code, defaults={"name": name})
    ledger.append(
        actor=actor, now=now, act="agency-kind.saved", subject=f"agency-kind:{code}", body={"name": name}
    )
    return kind


@transaction.atomic
def save_agency(*, actor: str, now: datetime, code: str, name: str, kind: str, region: str) -> Agency:
    """Add or change an agency; its kind and region must exist."""
    kind_row = AgencyKind.objects.filter(code=kind).first()
    if kind_row is None:
        raise Refused([_unknown("kind", kind)])
    agency, _ = Agency.objects.update_or_create(
        code=code, defaults={"name": name, "kind": kind_row, "region": _region(region, "region")}
    )
    body = {"name": name, "kind": kind, "region": region}
    ledger.append(actor=actor, now=now, act="agency.saved", subject=f"agency:{code}", body=body)
    return agency


@transaction.atomic
def save_directory(
    *,
    actor: str,
    now: datetime,
    code: str,
    name: str,
    rule: Mapping[str, Sequence[str]] | None = None,
    members: Sequence[str] | None = None,
) -> Directory:
    """Add or change a directory: by `rule`, or by hand with the codes of its `members`."""
    if (rule is None) == (members is None):
        raise Refused([Reason("directory.mode", "A directory has either a rule or members kept by hand.")])
    if rule is not None and not isinstance(read := rules.read_directory_rule(rule), DirectoryRule):
        raise Refused(read)
    mode = DirectoryMode.RULE if rule is not None else DirectoryMode.HAND
    directory, _ = Directory.objects.update_or_create(
        code=code, defaults={"name": name, "mode": mode.value, "rule": dict(rule or {})}
    )
    found = list(Enterprise.objects.filter(uscc__in=members or ()))
    missing = sorted(set(members or ()) - {enterprise.uscc for enterprise in found})
    if missing:
        raise Refused([_unknown("members", ", ".join(missing[:10]))])
    directory.members.set(found)
    body = {"name": name, "mode": mode.value, "rule": dict(rule or {}), "members": len(found)}
    ledger.append(actor=actor, now=now, act="directory.saved", subject=f"directory:{code}", body=body)
    return directory


@transaction.atomic
def recuse(
    *,
    actor: str,
    now: datetime,
    certificate: str,
    uscc: str,
    reason: str,
    from_on: date,
    until_on: date | None = None,
) -> Recusal:
    """Record that an officer must not inspect an enterprise. The reason stays with us; the ledger says only that."""
    officer = Officer.objects.filter(certificate=certificate).first()
    enterprise = Enterprise.objects.filter(uscc=uscc).first()
    if officer is None or enterprise is None:
        raise Refused(
            [
                _unknown(
                    "officer" if officer is None else "enterprise", certificate if officer is None else uscc
                )
            ]
        )
    recusal, _ = Recusal.objects.update_or_create(
        officer=officer,
        enterprise=enterprise,
        from_on=from_on,
        defaults={"reason": reason, "until_on": until_on},
    )
    ledger.append(
        actor=actor,
        now=now,
        act="recusal.recorded",
        subject=f"officer:{certificate}",
        body={"enterprise": uscc},
    )
    return recusal


@transaction.atomic
def add_premises(*, actor: str, now: datetime, rows: Sequence[tuple[str, str, str]]) -> int:
    """Add sites as (uscc, name, address); placed like any address. Returns how many are new."""
    regions, zones = queries.get_place_patterns()
    region_ids = dict(Region.objects.values_list("code", "id"))
    zone_ids = dict(Zone.objects.values_list("code", "id"))
    owners = dict(Enterprise.objects.filter(uscc__in={row[0] for row in rows}).values_list("uscc", "id"))
    before = Premises.objects.count()
    sites = []
    for code, name, address in rows:
        if code not in owners:
            raise Refused([_unknown("enterprise", code)])
        place = rules.place_address(address, "", regions, zones)
        sites.append(
            Premises(
                enterprise_id=owners[code],
                name=name,
                address=address,
                region_id=region_ids.get(place.region),
                zone_id=zone_ids.get(place.zone),
            )
        )
    Premises.objects.bulk_create(sites, ignore_conflicts=True, batch_size=2000)
    added = Premises.objects.count() - before
    ledger.append(actor=actor, now=now, act="premises.added", subject="registry", body={"added": added})
    return added


@transaction.atomic
def add_aliases(*, actor: str, now: datetime, rows: Sequence[tuple[str, str]], source: str) -> int:
    """Add other names as (uscc, name). Returns how many are new."""
    owners = dict(Enterprise.objects.filter(uscc__in={row[0] for row in rows}).values_list("uscc", "id"))
    missing = sorted({row[0] for row in rows} - set(owners))
    if missing:
        raise Refused([_unknown("enterprise", missing[0])])
    before = Alias.objects.count()
    Alias.objects.bulk_create(
        [Alias(enterprise_id=owners[code], name=name, source=source) for code, name in rows],
        ignore_conflicts=True,
        batch_size=2000,
    )
    added = Alias.objects.count() - before
    ledger.append(actor=actor, now=now, act="aliases.added", subject="registry", body={"added": added})
    return added


_SHARED_PREMISES = f"""
CREATE TEMPORARY TABLE registry_shared ON COMMIT DROP AS
WITH sites AS (
    SELECT id AS enterprise_id, address FROM registry_enterprise WHERE status = 'active' AND address <> ''
    UNION ALL
    SELECT p.enterprise_id, p.address FROM registry_premises p
    JOIN registry_enterprise e ON e.id = p.enterprise_id AND e.status = 'active'
), plain AS (
    SELECT enterprise_id, {rules.PLAIN_SQL.format(text="address")} AS text, min(address) AS words
    FROM sites GROUP BY 1, 2
), numbered AS (
    SELECT *, count(*) OVER (PARTITION BY text) AS sharing FROM plain WHERE {rules.NUMBERED_SQL.format(text="text")}
)
SELECT enterprise_id, encode(sha256(convert_to(text, 'UTF8')), 'hex') AS key, words FROM numbered WHERE sharing > 1
"""  # noqa: S608 - both parts are constants of the rules


@transaction.atomic
def derive_links(*, actor: str, now: datetime) -> int:
    """Find which enterprises in operation share an address, and keep it as links. Returns how many became new.

    A link that was found before and holds no longer goes; what files brought stays. Works on the whole set at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE registry_enterpriselink IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DROP TABLE IF EXISTS registry_shared")
        cursor.execute(_SHARED_PREMISES)
        cursor.execute("ANALYZE registry_shared")
        cursor.execute(
            "DELETE FROM registry_enterpriselink l WHERE l.is_derived AND NOT EXISTS ("
            "SELECT FROM registry_shared s WHERE s.enterprise_id = l.enterprise_id AND s.key = l.key)"
        )
        gone: int = cursor.rowcount
        cursor.execute(
            "INSERT INTO registry_enterpriselink (enterprise_id, kind, key, words, is_derived) "
            "SELECT enterprise_id, %s, key, words, true FROM registry_shared ON CONFLICT DO NOTHING",
            [LinkKind.PREMISES.value],
        )
        found: int = cursor.rowcount
    if found or gone:
        body: JSON = {"found": found, "gone": gone}
        ledger.append(actor=actor, now=now, act="links.derived", subject="registry", body=body)
    return found


@transaction.atomic
def set_classes(*, classes: Mapping[int, str]) -> int:
    """Give enterprises, by id, their risk class; returns how many had another. The caller records the act."""
    source = "(SELECT * FROM unnest(%s::bigint[], %s::text[]) AS u(id, risk_class))"
    return _set_classes(source, [list(classes), list(classes.values())])


@transaction.atomic
def set_classes_from(*, table: str) -> int:
    """The same for any number of them, out of a table (a temporary one) with the columns id and risk_class."""
    return _set_classes(connection.ops.quote_name(table), [])


def _set_classes(source: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE registry_enterprise e SET risk_class = s.risk_class FROM {source} s "  # noqa: S608
            "WHERE s.id = e.id AND e.risk_class <> s.risk_class",
            parameters,
        )
        return int(cursor.rowcount)


def _region(code: str, at_field: str) -> Region:
    region = Region.objects.filter(code=code).first()
    if region is None:
        raise Refused([_unknown(at_field, code)])
    return region


def _unknown(at_field: str, code: str) -> Reason:
    return Reason(
        f"registry.unknown-{at_field}",
        "“%(code)s” is not in the registry; add it first or correct the code.",
        facts={"code": code},
        at_field=at_field,
    )
