"""From the targets of a draw to demands: which agency must check which item at which enterprise, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.drawing import queries as drawing
from yicha.decide.drawing.terms import DrawState
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, EntryDraw, Round
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.terms import Collected, DemandState, RoundState
from yicha.kernel.refusal import Reason, Refused
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactState


@transaction.atomic
def collect_demands(*, actor: str, now: datetime, draw_id: str) -> Collected:
    """Turn what a draw chose into demands; again after replacements: new targets come in, replaced ones go.

    An item whose kind has no agency in the enterprise's region, or which is no longer published, makes no demand:
    both are named in the outcome and in the ledger.
    """
    linked = queries.get_entry_draw(draw_id)
    round_ = Round.objects.select_for_update().get(pk=linked.round_id)
    draw = drawing.get_draw(draw_id)
    if draw.state != DrawState.DRAWN:
        raise Refused(
            [
                Reason(
                    "demands.not-drawn",
                    "Draw %(draw)s has no result yet, or is void; demands come from a result.",
                    facts={"draw": draw_id},
                )
            ]
        )
    state = ROUND_LIFE.after(RoundState(round_.state), "collect")
    keys = [target.key for target in drawing.list_targets(draw)]
    withdrawn = _withdraw(linked, keys)
    demands, unserved, unpublished = _build(linked, round_, keys)
    known = set(
        Demand.objects.filter(draw_id=draw_id).values_list("enterprise_id", "agency_id", "item_version_id")
    )
    new = [row for row in demands if (row.enterprise_id, row.agency_id, row.item_version_id) not in known]
    Demand.objects.bulk_create(new, batch_size=2000)
    linked.collected = True
    linked.save(update_fields=["collected"])
    if new or round_.state == RoundState.DRAWING:
        round_.state = state.value
        round_.save(update_fields=["state"])
    collected = Collected(len(keys), len(new), withdrawn, tuple(unserved), tuple(unpublished))
    body: dict[str, JSON] = {
        "targets": collected.targets,
        "demands": collected.demands,
        "withdrawn": withdrawn,
        "unserved": unserved,
        "unpublished": unpublished,
    }
    ledger.append(actor=actor, now=now, act="demands.collected", subject=f"draw:{draw_id}", body=body)
    return collected


def _build(linked: EntryDraw, round_: Round, keys: list[str]) -> tuple[list[Demand], list[str], list[str]]:
    """The demands of all targets; the items not served as `KIND REGION`; the items without a published version."""
    entry = linked.entry
    rows = entry.joint_list.items if entry.joint_list else entry.items
    items = list(rows.select_related("agency_kind").order_by("code"))
    codes = [item.code for item in items]
    versions = {
        version.item_id: version.pk
        for version in catalogue.list_versions_in_force(entry.window_from).filter(item__code__in=codes)
    }
    agencies = {(row.kind_id, row.region.code): row.pk for row in queries.list_agencies_of(entry.plan)}
    demands: list[Demand] = []
    unserved: set[str] = set()
    targets = (
        registry.list_enterprises()
        .filter(uscc__in=keys)
        .values_list("id", "region__code", "region__parent__code")
    )
    for enterprise, region, parent in targets:
        for item in items:
            agency = (
                entry.plan.owner_id
                or agencies.get((item.agency_kind_id, region))
                or agencies.get((item.agency_kind_id, parent))
            )
            if agency is None:
                unserved.add(f"{item.agency_kind.code} {region}")
            elif item.pk in versions:
                demands.append(
                    Demand(
                        round=round_,
                        entry=entry,
                        draw_id=linked.draw_id,
                        enterprise_id=enterprise,
                        agency_id=agency,
                        item_version_id=versions[item.pk],
                        window_from=entry.window_from,
                        window_to=entry.window_to,
                        state=DemandState.WAITING.value,
                    )
                )
    return demands, sorted(unserved), sorted(item.code for item in items if item.pk not in versions)


def _withdraw(linked: EntryDraw, keys: Iterable[str]) -> int:
    """Let go of demands whose target was replaced. What has been visited already stays as it is."""
    gone = (
        Demand.objects.select_for_update(of=("self",))
        .filter(draw_id=linked.draw_id)
        .exclude(enterprise__uscc__in=list(keys))
        .exclude(state=DemandState.WITHDRAWN.value)
        .exclude(contact__state=ContactState.MADE.value)
        .select_related("contact", "agency")
    )
    rows = list(gone)
    for row in rows:
        if row.contact and row.contact.state == ContactState.PLANNED.value and not _others(row):
            visits.drop_items(contact=row.contact, items=[(row.agency.code, row.item_version_id)])
        row.state, row.contact, row.open_from = DemandState.WITHDRAWN.value, None, None
    Demand.objects.bulk_update(rows, ["state", "contact", "open_from"])
    return len(rows)


def _others(row: Demand) -> bool:
    """Whether another draw asks for the same item of the same agency in the same visit."""
    same = Demand.objects.filter(
        contact=row.contact, agency_id=row.agency_id, item_version_id=row.item_version_id
    )
    return same.exclude(draw_id=row.draw_id).exists()
