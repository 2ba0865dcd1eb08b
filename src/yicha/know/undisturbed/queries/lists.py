"""Listings with their protocol, candidates, notices and rows. Lists are narrowed at the door."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from yicha.know.agreement import queries as agreement
from yicha.know.agreement.terms import Share
from yicha.know.undisturbed import rules
from yicha.know.undisturbed.models import (
    Candidate,
    CriterionRule,
    Discovery,
    KeyTrade,
    Listing,
    Notice,
    Objection,
    SparedItem,
    Step,
)
from yicha.know.undisturbed.terms import OPEN_STATES, Act, ListingState, Told

_OPEN = [state.value for state in OPEN_STATES]


def list_listings() -> QuerySet[Listing]:
    """All listings with enterprise and home region, the last step first."""
    return Listing.objects.select_related("enterprise__region", "enterprise__zone", "region").order_by(
        "-since", "-id"
    )


def list_seen_by(listings: QuerySet[Listing], regions: Iterable[str]) -> QuerySet[Listing]:
    """The listings of a list that concern one of these regions: at home, or as a partner under an agreement."""
    codes = sorted(set(regions))
    return listings.filter(Q(region__code__in=codes) | Q(partners__overlap=codes))


def find_listing(uuid: UUID) -> Listing | None:
    """A listing."""
    return list_listings().filter(uuid=uuid).first()


def find_open(uscc: str) -> Listing | None:
    """The listing of an enterprise that is on its way or in effect; None: only history, or nothing."""
    return list_listings().filter(enterprise__uscc=uscc, state__in=_OPEN).first()


def list_listings_of(uscc: str) -> QuerySet[Listing]:
    """Everything that an enterprise had on the list, the last first."""
    return list_listings().filter(enterprise__uscc=uscc)


def list_steps(listing: Listing) -> QuerySet[Step]:
    """The protocol of a listing, in order."""
    return Step.objects.filter(listing=listing).order_by("id")


def list_objections(listing: Listing) -> QuerySet[Objection]:
    """The objections to a listing, in order."""
    return Objection.objects.filter(listing=listing).select_related("region").order_by("id")


def list_acts(listing: Listing) -> tuple[str, ...]:
    """What the protocol allows next: what a page may offer, beside what a person may do."""
    return rules.PROTOCOL.acts_from(ListingState(listing.state))


def list_windows_over(today: date) -> QuerySet[Listing]:
    """Listings whose objection window ended without an objection."""
    return list_listings().filter(state=ListingState.OBJECTION.value, window_until__lt=today)


def find_partners(region: str, on: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The other regions that share the undisturbed list with a region on a day, and the agreements (`code/version`)."""
    found = [
        one
        for one in agreement.list_agreements_in_force(on, [region])
        if Share.UNDISTURBED.value in one.shares
    ]
    partners = sorted(set().union(*(one.regions for one in found)) - {region}) if found else []
    return tuple(partners), tuple(sorted(f"{one.code}/{one.version}" for one in found))


def list_notices() -> QuerySet[Notice]:
    """What enterprises were told, the newest first."""
    return Notice.objects.select_related(
        "step__listing__region", "step__listing__enterprise__region", "step__listing__enterprise__zone"
    ).order_by("-id")


def list_notices_of(uscc: str) -> QuerySet[Notice]:
    """What an enterprise was told, the newest first."""
    return list_notices().filter(step__listing__enterprise__uscc=uscc)


def find_notice(uuid: UUID) -> Notice | None:
    """A notice."""
    return list_notices().filter(uuid=uuid).first()


def count_unread(uscc: str) -> int:
    """How many notices nobody of the enterprise has read."""
    return Notice.objects.filter(step__listing__enterprise__uscc=uscc, read_at=None).count()


def tell(step: Step) -> Told:
    """A step in words for the enterprise; the class is never among them."""
    return rules.tell(Act(step.act), step.trigger, step.reason, step.until_on)


def list_candidates() -> QuerySet[Candidate]:
    """Whom the last discovery found, by code."""
    return Candidate.objects.select_related("enterprise__region", "enterprise__zone", "region").order_by(
        "enterprise__uscc"
    )


def count_candidates(candidates: QuerySet[Candidate]) -> list[tuple[str, str, int]]:
    """Candidates by home region: code, name, how many."""
    rows = candidates.order_by("region__code").values_list("region__code", "region__name")
    return [(code, name, count) for code, name, count in rows.annotate(count=Count("pk"))]


def list_discoveries() -> QuerySet[Discovery]:
    """All runs, the last first."""
    return Discovery.objects.select_related("region").order_by("-id")


def find_discovery(uuid: UUID) -> Discovery | None:
    """A run."""
    return list_discoveries().filter(uuid=uuid).first()


def list_spared_items() -> list[tuple[str, str, date, date | None]]:
    """Every row of items spared: item code, region code, first and last day (None: without end)."""
    return list(
        SparedItem.objects.order_by("id").values_list(
            "item__code", "region__code", "in_force_from", "in_force_until"
        )
    )


def list_spared_rows() -> QuerySet[SparedItem]:
    """Every row of items spared, by region and item."""
    return SparedItem.objects.select_related("item", "region").order_by("region__code", "item__code")


def list_criteria() -> QuerySet[CriterionRule]:
    """All rows of criteria, each with its rows, the newest first."""
    return CriterionRule.objects.order_by("phase", "criterion", "region", "-in_force_from")


def list_key_trades() -> QuerySet[KeyTrade]:
    """All key-safety trades."""
    return KeyTrade.objects.order_by("prefix", "region", F("in_force_from").desc())
