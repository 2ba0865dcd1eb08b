"""What is due in a quarter without a draw becomes demands; and what the law prescribes is set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, Round, StatutoryCheck
from yicha.decide.planning.rules import due as rules
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.services.demands import let_go
from yicha.decide.planning.terms import Collected, DemandState, DueCheck, Origin, RoundState
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


@transaction.atomic
def collect_due(*, actor: str, now: datetime, round_: Round) -> Collected:
    """Make demands of what is due in a round's quarter without a draw; again later: what came since.

    Orders to correct that ran out, problems left to be followed up, and checks that the law prescribes, each with its
    own window. What was corrected or checked meanwhile is let go, as a replaced target is; what still waits after its
    window has a new one from today. An item that nobody may check is named: no agency there, or no published version.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    state = ROUND_LIFE.after(RoundState(locked.state), "collect")
    today = clock.today(now)
    with translation.override(settings.LANGUAGE_CODE):
        because = _("corrected, or checked meanwhile")
    withdrawn = let_go(actor, now, queries.list_fallen_away(locked, today), because)
    _open_windows(locked, today)
    due = queries.list_due(locked, today)
    demands, unserved, unpublished = _build(locked, due)
    Demand.objects.bulk_create(demands, batch_size=2000)
    if demands and (locked.state != RoundState.DRAWING or not queries.count_open_draws(locked)):
        locked.state = state.value
        locked.save(update_fields=["state"])
    collected = Collected(len(due), len(demands), withdrawn, tuple(unserved), tuple(unpublished))
    if demands or withdrawn:
        body: dict[str, JSON] = {
            **{origin.value: sum(row.origin == origin for row in demands) for origin in Origin},
            "withdrawn": withdrawn,
            "unserved": unserved,
            "unpublished": unpublished,
        }
        ledger.append(actor=actor, now=now, act="demands.due", subject=f"round:{locked.code}", body=body)
    return collected


def _open_windows(round_: Round, today: date) -> None:
    """What was not drawn is owed for as long as it is not done: a window that is over begins again."""
    late = Demand.objects.select_for_update().filter(
        round=round_, state=DemandState.WAITING.value, window_to__lt=today
    )
    rows = list(late.exclude(origin=Origin.DRAW.value).order_by("id"))
    for row in rows:
        row.window_from, row.window_to = rules.open_window(row.window_from, row.window_to, today)
    Demand.objects.bulk_update(rows, ["window_from", "window_to"], batch_size=1000)


def _build(round_: Round, due: Sequence[DueCheck]) -> tuple[list[Demand], list[str], list[str]]:
    """The demands; the items not served as `ITEM REGION`; the items without a version that may be checked."""
    versions: dict[date, dict[int, int]] = {}
    names = dict(catalogue.list_items().values_list("pk", "code"))
    unpublished: set[str] = set()
    unserved: dict[int, set[str]] = defaultdict(set)
    demands = []
    for one in due:
        if one.window_from not in versions:
            in_force = catalogue.list_versions_in_force(one.window_from)
            versions[one.window_from] = dict(in_force.values_list("item_id", "pk"))
        version = versions[one.window_from].get(one.item_id)
        if version is None:
            unpublished.add(names[one.item_id])
        elif one.agency_id is None:
            unserved[one.enterprise_id].add(names[one.item_id])
        else:
            demands.append(_demand(round_, one, one.agency_id, version))
    return demands, _name_places(unserved), sorted(unpublished)


def _name_places(unserved: Mapping[int, set[str]]) -> list[str]:
    """Items by the region in which no agency serves them."""
    places = registry.list_enterprises().filter(pk__in=list(unserved)).values_list("pk", "region__code")
    return sorted({f"{item} {region or ''}" for pk, region in places for item in unserved[pk]})


def _demand(round_: Round, due: DueCheck, agency: int, version: int) -> Demand:
    return Demand(
        round=round_,
        origin=due.origin.value,
        follows_id=due.follows,
        prescribed_id=due.prescribed,
        draw_id=due.reference,
        enterprise_id=due.enterprise_id,
        agency_id=agency,
        item_version_id=version,
        window_from=due.window_from,
        window_to=due.window_to,
        state=DemandState.WAITING.value,
    )


@transaction.atomic
def prescribe_check(
    *,
    actor: str,
    now: datetime,
    item: str,
    directory: str,
    every_months: int,
    source: str,
    in_force_from: date,
) -> StatutoryCheck:
    """Set what the law prescribes from a day on: an item, at every member of a directory, once in so many months.

    0 months: not any more. Items and directories by code; a row of the same day is replaced.
    """
    found_item, found_directory = catalogue.find_item(item), registry.find_directory(directory)
    refuse_if(_find_faults(item, directory, found_item, found_directory, source))
    assert found_item is not None and found_directory is not None  # or it was refused
    row, _ = StatutoryCheck.objects.update_or_create(
        item=found_item,
        directory=found_directory,
        in_force_from=in_force_from,
        defaults={"every_months": every_months, "source": source.strip()},
    )
    body: dict[str, JSON] = {
        "item": item,
        "directory": directory,
        "every_months": every_months,
        "source": source.strip(),
        "from": in_force_from.isoformat(),
    }
    ledger.append(actor=actor, now=now, act="statutory.set", subject=f"item:{item}", body=body)
    return row


def _find_faults(
    item: str, directory: str, found_item: object, found_directory: object, source: str
) -> list[Reason]:
    reasons = []
    if found_item is None:
        reasons.append(
            Reason("statutory.item", "There is no item “%(code)s”.", facts={"code": item}, at_field="item")
        )
    if found_directory is None:
        reasons.append(
            Reason(
                "statutory.directory",
                "There is no directory “%(code)s”.",
                facts={"code": directory},
                at_field="directory",
            )
        )
    if not source.strip():
        reasons.append(Reason("statutory.source", "Name the law that prescribes it.", at_field="source"))
    return reasons
