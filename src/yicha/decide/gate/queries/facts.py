"""The facts of many applications in one statement, and what they mean with the reference tables in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from yicha.decide.gate.queries import reference
from yicha.decide.gate.queries.reference import Place, Reference
from yicha.decide.gate.terms import (
    Application,
    ContactFacts,
    EnterpriseFacts,
    Facts,
    ItemFacts,
    OfficerFacts,
    ResultFacts,
)
from yicha.kernel import clock
from yicha.know.agreement import queries as agreement
from yicha.know.agreement.terms import ConsentFacts
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.undisturbed.terms import ListingFacts
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import PROBLEM_CODES, ContactState

_PROBLEMS = frozenset(code.value for code in PROBLEM_CODES)
_LONGEST_CODE = 128
"""Characters of the longest code that any table has; longer ones are of nothing."""
_NEVER_BY_ITSELF = 2**31
"""psycopg prepares a statement by itself after so many uses; with None it would not prepare ours either."""

# LATERAL with LIMIT: one lookup by index for each application. The planner guesses that a hundred are asked, and would
# otherwise read a whole table of agencies or premises for one.
SQL = " ".join(
    f"""
SELECT a.n, {reference.STAMP_SQL}, json_build_array(
    e.uscc, e.name, e.status, e.risk_class, e.region_id, e.zone_id, site.uuid, site.region_id, site.zone_id,
    {registry.OFFICERS_SQL}, {visits.CONTACTS_SQL}, {visits.RESULTS_SQL}, {undisturbed.LISTING_SQL},
    {agreement.CONSENTS_SQL})::text
FROM (
    SELECT asked.*, (SELECT g.id FROM registry_agency g WHERE g.code = asked.agency) AS agency_id
    FROM jsonb_to_recordset(%s::jsonb) AS asked(
        n integer, uscc text, agency text, premises uuid, from_on date, until_on date, officers text[])
) a
LEFT JOIN LATERAL (SELECT * FROM registry_enterprise WHERE uscc = a.uscc LIMIT 1) e ON true
LEFT JOIN LATERAL (
    SELECT * FROM registry_premises WHERE enterprise_id = e.id AND uuid = a.premises LIMIT 1
) site ON true
""".split()  # noqa: S608 - all parts are from code
)
"""On one line: psycopg remembers how it reads a statement of up to 4,096 characters."""
SQL_WITH_REFERENCE = f"SELECT -1, {reference.STAMP_SQL}, {reference.SQL} UNION ALL {SQL}"
"""Both in one snapshot: what was read belongs together, whatever is changed meanwhile."""


def get_facts(applications: Sequence[Application], now: datetime) -> list[Facts]:
    """What each application is judged by; in their order. One round trip, three at most (decision 0015).

    The first on a connection prepares the statement; when the reference tables have changed, all is read again
    together with them.
    """
    if not applications:
        return []
    today = clock.today(now)
    asked = [_ask(number, one, today) for number, one in enumerate(applications)]
    kept = reference.find_kept()
    rows = _read(SQL, asked, prepare=True) if kept else []
    if kept is None or rows[0][1] != kept.stamp:
        rows = _read(SQL_WITH_REFERENCE, asked, prepare=False)
        whole = next(row for row in rows if row[0] < 0)
        kept = reference.keep(whole[1], whole[2])
    found = {number: json.loads(text) for number, _stamp, text in rows if number >= 0}
    return [_Builder(kept, one, today).build(found[number]) for number, one in enumerate(applications)]


def _read(sql: str, asked: list[dict[str, Any]], *, prepare: bool) -> list[tuple[int, str, str]]:
    """Run the statement, planned once for a connection when prepared. Django's own cursor would send it as text."""
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = _NEVER_BY_ITSELF
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(sql, [json.dumps(asked)], prepare=prepare)
        return cursor.fetchall()


def first_day(application: Application, today: date) -> date:
    """The first day that can be had: that of the entry when it has happened, else from today on."""
    return application.entered_on or max(application.from_on, today)


def _ask(number: int, application: Application, today: date) -> dict[str, Any]:
    start = first_day(application, today)
    return {
        "n": number,
        "uscc": _code(application.uscc),
        "agency": _code(application.agency),
        "premises": read_uuid(application.premises),
        "from_on": start.isoformat(),
        "until_on": max(application.until_on, start).isoformat(),
        "officers": [_code(one) for one in application.officers],
    }


def _code(text: str) -> str:
    """The code, or nothing where it cannot be one and the database could not read it."""
    return text if text.isprintable() and len(text) <= _LONGEST_CODE else ""


def read_uuid(text: str) -> str | None:
    """The canonical form, or None where it is no UUID."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


class _Builder:
    """Makes facts out of a row of the statement."""

    def __init__(self, kept: Reference, application: Application, today: date) -> None:
        self.kept, self.asked, self.today = kept, application, today
        self.on = first_day(application, today)

    def build(self, row: list[Any]) -> Facts:
        officers, contacts, results, listing, consents = row[9:]
        enterprise = self._enterprise(row)
        kept, asked = self.kept, self.asked
        if asked.premises:
            asked = replace(asked, premises=read_uuid(asked.premises) or asked.premises)
        place = enterprise.place_regions if enterprise else ()
        return Facts(
            today=self.today,
            application=asked,
            agency=kept.by_code.get(asked.agency),
            enterprise=enterprise,
            trigger=kept.trigger(asked.trigger, self.on),
            items=tuple(self._item(code, place) for code in dict.fromkeys(asked.items)),
            officers=tuple(self._officers(officers)),
            contacts=tuple(self._contact(one) for one in contacts),
            results=tuple(self._results(results, place)),
            listing=ListingFacts(listing[0], listing[1], _day(listing[2])) if listing else None,
            agreements=kept.agreements,
            consents=tuple(ConsentFacts(uuid, region, _day(a), _day(b)) for uuid, region, a, b in consents),
            quiet=kept.quiet_at(place),
            campaign=kept.campaigns.get(asked.campaign),
            numbers=kept.numbers(place, self.on),
        )

    def _enterprise(self, row: list[Any]) -> EnterpriseFacts | None:
        uscc, name, status, risk_class, region_id, zone_id, site, site_region, site_zone = row[:9]
        if uscc is None:
            return None
        if site is not None:
            region_id, zone_id = site_region, site_zone
        above = self.kept.regions.get(region_id, ())
        zone = self.kept.zones.get(zone_id)
        return EnterpriseFacts(
            uscc,
            name,
            status,
            risk_class,
            region=above[0] if above else "",
            zone=zone.code if zone else "",
            place_regions=(*above[:1], *((zone.code,) if zone else ()), *above[1:]),
            zone_regions=zone.regions if zone else (),
            premises=site or "",
        )

    def _item(self, code: str, place: Place) -> ItemFacts:
        found = self.kept.items.get(code)
        if found is None:
            return ItemFacts(code, known=False)
        others = self.kept.same_as(code, place, self.on)
        return replace(
            found,
            accepts=frozenset(others),
            is_spared=self.kept.is_spared(code, place, self.on),
        )

    def _officers(self, rows: list[list[Any]]) -> Iterator[OfficerFacts]:
        found = {row[0]: row for row in rows}
        for certificate in dict.fromkeys(self.asked.officers):
            if certificate not in found:
                yield OfficerFacts(certificate, known=False)
                continue
            _, name, agency, active, first, last, competences, recused = found[certificate]
            yield OfficerFacts(
                certificate,
                known=True,
                name=name,
                agency=self.kept.agencies[agency].code,
                active=active,
                valid_from=_day(first),
                valid_until=_day(last),
                competences=tuple(competences),
                recused=recused,
            )

    def _contact(self, row: list[Any]) -> ContactFacts:
        uuid, state, on, kind, trigger, counts, lead, officers, premises, parts = row
        agencies, versions = self.kept.agencies, self.kept.versions
        codes = {code for _agency, _version, code in parts if code}
        made = state == ContactState.MADE.value and bool(codes)
        return ContactFacts(
            uuid=uuid,
            state=state,
            on=_day(on),
            kind=kind,
            trigger=trigger,
            counts=counts,
            level=agencies[lead].level,
            lead=agencies[lead].code,
            agencies=tuple(dict.fromkeys(agencies[agency].code for agency, _version, _code in parts)),
            items=tuple(dict.fromkeys(versions[version] for _agency, version, _code in parts)),
            officers=tuple(officers),
            found=not codes.isdisjoint(_PROBLEMS) if made else None,
            premises=premises or "",
        )

    def _results(self, rows: list[list[Any]], place: Place) -> Iterator[ResultFacts]:
        """Those of the items asked for, and those that count as the same under an agreement."""
        if not rows:
            return
        own = set(self.asked.items)
        same = {pair for code in own for pair in self.kept.same_as(code, place, self.on)}
        for uuid, version, agency_id, code, found_on, until, refused, premises in rows:
            item, agency = self.kept.versions[version], self.kept.agencies[agency_id]
            if item in own or (item, agency.region) in same:
                yield ResultFacts(
                    uuid,
                    item,
                    agency.code,
                    agency.region,
                    agency.kind,
                    code,
                    _day(found_on),
                    _day(until),
                    refused=bool(refused),
                    premises=premises or "",
                )


def _day(text: str) -> date:
    return date.fromisoformat(text)
