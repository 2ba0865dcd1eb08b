"""Agreements for tests."""

from __future__ import annotations

from datetime import date, datetime

from tests.cast import NOW, TODAY
from yicha.know.agreement import services
from yicha.know.agreement.models import Agreement
from yicha.know.agreement.terms import AgreementDraft
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.models import Item, ItemVersion
from yicha.know.registry.models import AgencyKind

REGIONS = ("110112", "110115", "110302")


def draft(
    regions: tuple[str, ...] = REGIONS,
    shares: tuple[str, ...] = ("results", "undisturbed", "assistance"),
    valid_from: date = TODAY,
    valid_until: date | None = None,
    kinds: tuple[str, ...] = (),
    items: tuple[str, ...] = (),
    name: str = "亦庄新城三地检查结果互认协议",
) -> AgreementDraft:
    """An agreement of the three regions of the zone that shares everything."""
    return AgreementDraft(
        name=name,
        text="三地互认检查结果和无事不扰名单。",
        regions=frozenset(regions),
        shares=frozenset(shares),
        valid_from=valid_from,
        valid_until=valid_until,
        notice_days=30,
        kinds=frozenset(kinds),
        items=frozenset(items),
    )


def offered(words: AgreementDraft | None = None, now: datetime = NOW) -> Agreement:
    """An agreement that waits for its signatures."""
    made = services.draft_agreement(actor="coordinator", now=now, draft=words or draft())
    return services.offer(actor="coordinator", now=now, agreement=made)


def sign_all(agreement: Agreement, now: datetime = NOW) -> Agreement:
    """Every region that has not signed signs."""
    for slot in agreement.signatures.filter(signed_at=None).select_related("region"):
        agreement = services.sign(
            actor=f"approver-{slot.region.code}", now=now, agreement=agreement, region=slot.region.code
        )
    return agreement


def signed(words: AgreementDraft | None = None, now: datetime = NOW) -> Agreement:
    """An agreement that every region has signed."""
    return sign_all(offered(words, now), now)


def published_item(code: str, kind: str = "fire", name: str = "消防设施") -> ItemVersion:
    """An item whose first version is in force; its kind of agency is in the cast."""
    item, _ = Item.objects.get_or_create(code=code, agency_kind=AgencyKind.objects.get(code=kind))
    version = ItemVersion.objects.create(
        item=item,
        version=1,
        name=name,
        legal_basis="消防法",
        method="onsite",
        in_force_from=date(2025, 1, 1),
    )
    return catalogue.publish_version(actor="test", now=NOW, version=version)
