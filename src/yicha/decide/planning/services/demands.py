"""From the targets of a draw to demands: which agency must check which item at which enterprise, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.drawing import queries as drawing
from yicha.decide.drawing.terms import DrawState, Target
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, EntryDraw, Round
from yicha.decide.planning.rules import strata as rules
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.rules.screening import DEMAND_LIFE
from yicha.decide.planning.services.parts import leave_visit
from yicha.decide.planning.services.screening import leave_spared
from yicha.decide.planning.terms import Collected, DemandState, HowChecked, RoundState
from yicha.kernel.refusal import Reason, Refused
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import Method, RateScope, Weight
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import ContactState


@transaction.atomic
def collect_demands(*, actor: str, now: datetime, draw_id: str) -> Collected:
    """Turn what a draw chose into demands; again after replacements: new targets come in, replaced ones go.

    An item whose kind has no agency in the enterprise's region, or which is no longer published, makes no demand:
    both are named in the outcome and in the ledger. The rate that a target was drawn under says how it is checked, and
    whether key items only.
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
    targets = drawing.list_targets(draw)
    keys = [target.key for target in targets]
    withdrawn = _withdraw(actor, now, linked, keys)
    demands, unserved, unpublished = _build(linked, round_, targets)
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


def _build(
    linked: EntryDraw, round_: Round, targets: Sequence[Target]
) -> tuple[list[Demand], list[str], list[str]]:
    """The demands of all targets; the items not served as `KIND REGION`; the items without a published version."""
    entry = linked.entry
    rows = entry.joint_list.items if entry.joint_list else entry.items
    items = list(rows.select_related("agency_kind").order_by("code"))
    published = catalogue.list_versions_in_force(entry.window_from).filter(item__in=items)
    versions = {version.item_id: version for version in published}
    weights = [(row.item.code, Weight(row.weight)) for row in versions.values()]
    in_scope = {scope: rules.items_in_scope(scope, weights) for scope in RateScope}
    how = _how_checked(linked, targets)
    agencies = {(row.kind_id, row.region.code): row.pk for row in queries.list_agencies_of(entry.plan)}
    demands: list[Demand] = []
    unserved: set[str] = set()
    places = registry.list_enterprises().filter(uscc__in=how)
    for enterprise, uscc, region, parent in places.values_list(
        "id", "uscc", "region__code", "region__parent__code"
    ):
        for item in items:
            agency = (
                entry.plan.owner_id
                or agencies.get((item.agency_kind_id, region))
                or agencies.get((item.agency_kind_id, parent))
            )
            if agency is None:
                unserved.add(f"{item.agency_kind.code} {region}")
            elif item.code in in_scope[how[uscc].scope]:
                version = versions[item.pk].pk
                demands.append(_demand(linked, round_, enterprise, agency, version, how[uscc].method))
    return demands, sorted(unserved), sorted(item.code for item in items if item.pk not in versions)


def _how_checked(linked: EntryDraw, targets: Sequence[Target]) -> dict[str, HowChecked]:
    """What the copied rates say of each target: its stratum is opaque to everybody but us."""
    rows = list(linked.entry.strata.values_list("region__code", "risk_class", "method", "scope"))
    ids = rules.stratum_ids(linked.secret, {region for region, *_ in rows})
    said = {
        ids[region, letter]: HowChecked(Method(method), RateScope(scope))
        for region, letter, method, scope in rows
    }
    return {target.key: said[target.stratum] for target in targets}


def _demand(
    linked: EntryDraw, round_: Round, enterprise: int, agency: int, version: int, method: Method
) -> Demand:
    return Demand(
        round=round_,
        entry=linked.entry,
        draw_id=linked.draw_id,
        enterprise_id=enterprise,
        agency_id=agency,
        item_version_id=version,
        window_from=linked.entry.window_from,
        window_to=linked.entry.window_to,
        state=DemandState.WAITING.value,
        method="" if method is Method.ONSITE else method.value,
    )


def _withdraw(actor: str, now: datetime, linked: EntryDraw, keys: Iterable[str]) -> int:
    """Let go of demands whose target was replaced. Where the officers are, or were, it stays as it is."""
    gone = (
        Demand.objects.filter(draw_id=linked.draw_id)
        .exclude(enterprise__uscc__in=list(keys))
        .exclude(state=DemandState.WITHDRAWN.value)
        .exclude(contact__state=ContactState.MADE.value)
        .exclude(contact__begun_on__isnull=False)
    )
    with translation.override(settings.LANGUAGE_CODE):
        because = _("the target was replaced")
    return let_go(actor, now, gone, because)


_SPARED = (DemandState.SPARED.value, DemandState.DEFERRED.value)


def let_go(actor: str, now: datetime, gone: QuerySet[Demand], because: str) -> int:
    """Withdraw demands, and take their checks off visits planned or spared; the caller records why in the round."""
    rows = list(
        gone.select_for_update(of=("self",)).select_related("contact__lead_agency", "agency").order_by("id")
    )
    going = {row.pk for row in rows}
    leaving: dict[tuple[int, str], list[Demand]] = defaultdict(list)
    for row in rows:
        if row.contact and row.contact.state == ContactState.PLANNED.value and not _others(row, going):
            leaving[row.contact.pk, row.agency.code].append(row)
    contacts = {row.contact.pk: row.contact for row in rows if row.contact}
    leave_spared(actor, now, [row for row in rows if row.state in _SPARED], because)
    for row in rows:
        row.state = DEMAND_LIFE.after(DemandState(row.state), "withdraw").value
        row.contact, row.open_from = None, None
    Demand.objects.bulk_update(rows, ["state", "contact", "open_from"], batch_size=1000)
    for (contact, agency), own in sorted(leaving.items()):
        leave_visit(actor, now, contacts[contact], agency, own, because)
    return len(rows)


def _others(row: Demand, going: set[int]) -> bool:
    """Whether a demand that stays asks for the same item of the same agency in the same visit."""
    same = Demand.objects.filter(
        contact=row.contact, agency_id=row.agency_id, item_version_id=row.item_version_id
    )
    return same.exclude(pk__in=going).exists()
