"""The steps of one listing: lock, facts, rule, save, tell the enterprise, ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from yicha.base.ledger import services as ledger
from yicha.base.workdays import queries as workdays
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries, rules
from yicha.know.undisturbed.models import Candidate, Listing, Notice, Objection, Step
from yicha.know.undisturbed.terms import Act, ListingState, Phase, Trigger

OBJECTION_DAYS = "objection-days"


@dataclass(frozen=True, slots=True)
class _Doing:
    """Who does what, when, and what is kept of it."""

    act: Act
    actor: str
    now: datetime
    region: str = ""
    reason: str = ""
    trigger: str = ""
    reference: str = ""


@transaction.atomic
def nominate(*, actor: str, now: datetime, uscc: str, reason: str = "") -> Listing:
    """The home region found an enterprise that should be left alone. Refused with every criterion that it misses."""
    today = clock.today(now)
    faults = queries.list_may_not_begin(uscc, today)
    unmet = queries.check_enterprise(uscc, Phase.ENTRY, today)
    refuse_if(_once((*faults, *unmet)))
    return _begin(uscc, ListingState.NOMINATED, _Doing(Act.NOMINATE, actor, now, reason=reason))


@transaction.atomic
def apply_for(*, actor: str, now: datetime, uscc: str, reason: str = "") -> Listing:
    """The enterprise asks to be listed.

    Whether it meets the criteria is for the review: an answer here would tell it its class.
    """
    refuse_if(queries.list_may_not_begin(uscc, clock.today(now)))
    return _begin(uscc, ListingState.APPLIED, _Doing(Act.APPLY, actor, now, reason=reason))


@transaction.atomic
def review(*, actor: str, now: datetime, listing: Listing, reason: str = "") -> Listing:
    """The home region agrees: the window of the other regions opens; where no agreement is in force, it is listed.

    Refused with every criterion that is not met now.
    """
    locked, today = _lock(listing), clock.today(now)
    partners, agreements = queries.find_partners(locked.region.code, today)
    act = Act.REVIEW if partners else Act.LIST_AT_HOME
    state = rules.PROTOCOL.after(ListingState(locked.state), act)
    refuse_if(queries.check_enterprise(locked.enterprise.uscc, Phase.ENTRY, today))
    locked.partners, locked.agreements, locked.weighed_at = list(partners), list(agreements), now
    if state is ListingState.LISTED:
        locked.listed_on = today
    else:
        locked.window_until = find_window_end(locked.region.code, today)
    return _take(locked, state, _Doing(act, actor, now, region=locked.region.code, reason=reason))


@transaction.atomic
def decline(*, actor: str, now: datetime, listing: Listing, reason: str) -> Listing:
    """The home region does not agree, and says why."""
    return _against(listing, _Doing(Act.DECLINE, actor, now, reason=reason))


@transaction.atomic
def object_to(*, actor: str, now: datetime, listing: Listing, region: str, reason: str) -> Listing:
    """Another region objects within the window, with a reason: the listing stops until home decides again."""
    locked = _lock(listing)
    state = rules.PROTOCOL.after(ListingState(locked.state), Act.OBJECT)
    refuse_if(rules.may_object(region, locked.partners, locked.window_until, reason, clock.today(now)))
    doing = _Doing(Act.OBJECT, actor, now, region=region, reason=reason)
    objecting = registry.list_regions().get(code=region)
    taken = _take(locked, state, doing)
    Objection.objects.create(
        step=Step.objects.filter(listing=locked).latest("id"),
        listing=locked,
        region=objecting,
        reason=reason,
        at=now,
        by=actor,
    )
    return taken


@transaction.atomic
def review_again(*, actor: str, now: datetime, listing: Listing, reason: str) -> Listing:
    """Home, or the coordination office, answers an objection and opens another window."""
    locked, today = _lock(listing), clock.today(now)
    state = rules.PROTOCOL.after(ListingState(locked.state), Act.REVIEW_AGAIN)
    unmet = queries.check_enterprise(locked.enterprise.uscc, Phase.ENTRY, today)
    refuse_if((*rules.find_unfit_words(reason), *unmet))
    locked.weighed_at = now
    locked.window_until = find_window_end(locked.region.code, today)
    doing = _Doing(Act.REVIEW_AGAIN, actor, now, region=locked.region.code, reason=reason)
    return _take(locked, state, doing)


@transaction.atomic
def withdraw(*, actor: str, now: datetime, listing: Listing, reason: str) -> Listing:
    """Home, or the coordination office, takes a listing back before it is in effect."""
    return _against(listing, _Doing(Act.WITHDRAW, actor, now, reason=reason))


@transaction.atomic
def suspend(
    *,
    actor: str,
    now: datetime,
    listing: Listing,
    region: str,
    trigger: Trigger,
    reason: str,
    reference: str = "",
) -> Listing:
    """Home, or any region under an agreement, suspends at once. The next verdict of the gate sees it.

    `reason` stays inside; the enterprise is told the kind of trigger, and of the class nothing.
    """
    locked = _lock(listing)
    state = rules.PROTOCOL.after(ListingState(locked.state), Act.SUSPEND)
    faults = [] if reason.strip() else [rules.no_reason()]
    home = locked.region.code
    if region != home and region not in queries.find_partners(home, clock.today(now))[0]:
        faults.append(rules.not_a_member(region))
    refuse_if(faults)
    doing = _Doing(
        Act.SUSPEND, actor, now, region=region, reason=reason, trigger=trigger.value, reference=reference
    )
    return _take(locked, state, doing)


@transaction.atomic
def restore(*, actor: str, now: datetime, listing: Listing, reason: str) -> Listing:
    """Home weighed what happened and lists again at once. Refused while a lasting criterion is not met."""
    locked, today = _lock(listing), clock.today(now)
    state = rules.PROTOCOL.after(ListingState(locked.state), Act.RESTORE)
    unmet = queries.check_enterprise(locked.enterprise.uscc, Phase.STAY, today)
    refuse_if((*rules.find_unfit_words(reason), *unmet))
    locked.weighed_at, locked.listed_on = now, today
    return _take(locked, state, _Doing(Act.RESTORE, actor, now, region=locked.region.code, reason=reason))


@transaction.atomic
def lift(*, actor: str, now: datetime, listing: Listing, reference: str) -> Listing:
    """Lift a suspension whose cause has ended; `reference` names what ended it.

    A suspension speaks of what is so (RULES: out at once); when it is so no more, nobody needs to weigh anything. What
    was recorded meanwhile was weighed by nobody: then it stays suspended because of that, and home decides.
    """
    locked, today = _lock(listing), clock.today(now)
    trigger, still = queries.find_against(locked, today)
    act = Act.SUSPEND_ANEW if trigger else Act.LIFT
    state = rules.PROTOCOL.after(ListingState(locked.state), act)
    if trigger:
        return _take(locked, state, _Doing(act, actor, now, trigger=trigger, reference=still))
    locked.listed_on = today
    return _take(locked, state, _Doing(act, actor, now, region=locked.region.code, reference=reference))


@transaction.atomic
def remove(*, actor: str, now: datetime, listing: Listing, reason: str) -> Listing:
    """Home removes a suspended listing. The enterprise may apply again after the days of `undisturbed-again-days`."""
    return _against(listing, _Doing(Act.REMOVE, actor, now, reason=reason), removed_on=clock.today(now))


@transaction.atomic
def read_notice(*, actor: str, now: datetime, notice: Notice) -> None:
    """Somebody of the enterprise has read what it was told; the first reading is kept."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now, read_by=actor)


def find_window_end(region: str, today: date) -> date:
    """The last day for objections: so many working days after the review (民法典 第二百零一条)."""
    days = int(catalogue.get_number(OBJECTION_DAYS, today, rules.chain(region)).value)
    return workdays.find_deadline(today, days, workdays.get_calendar()).on


def _begin(uscc: str, state: ListingState, doing: _Doing) -> Listing:
    enterprise = registry.get_enterprise(uscc)
    listing = Listing(
        enterprise=enterprise,
        region=enterprise.region,
        state=state.value,
        since=doing.now,
        because=doing.reason,
    )
    try:
        with transaction.atomic():
            listing.save(force_insert=True)
    except IntegrityError:  # somebody else began at the same time
        raise Refused(
            [Reason("undisturbed.open", "It is on the list, or on its way there, already.")]
        ) from None
    Candidate.objects.filter(enterprise=enterprise).delete()
    _write(listing, doing)
    return listing


def _lock(listing: Listing) -> Listing:
    return (
        Listing.objects.select_for_update(of=("self",))
        .select_related("enterprise__region", "enterprise__zone", "region")
        .get(pk=listing.pk)
    )


def _against(listing: Listing, doing: _Doing, removed_on: date | None = None) -> Listing:
    """A step that ends a listing, with a reason that the enterprise is told."""
    locked = _lock(listing)
    state = rules.PROTOCOL.after(ListingState(locked.state), doing.act)
    refuse_if(rules.find_unfit_words(doing.reason))
    locked.removed_on = removed_on
    return _take(locked, state, doing)


def _take(listing: Listing, state: ListingState, doing: _Doing) -> Listing:
    """Save the new state of a locked listing, and write the step."""
    listing.state, listing.since = state.value, doing.now
    listing.because, listing.trigger = doing.reason, doing.trigger
    listing.save()
    _write(listing, doing)
    return listing


def _write(listing: Listing, doing: _Doing) -> None:
    """The step, the notice to the enterprise, and the ledger last."""
    opened = listing.state == ListingState.OBJECTION
    step = Step.objects.create(
        listing=listing,
        act=doing.act.value,
        state=listing.state,
        at=doing.now,
        by=doing.actor,
        region=doing.region,
        reason=doing.reason,
        trigger=doing.trigger,
        reference=doing.reference,
        until_on=listing.window_until if opened else None,
    )
    Notice.objects.create(step=step)
    body = {
        "enterprise": listing.enterprise.uscc,
        "state": listing.state,
        "region": doing.region,
        "reason": doing.reason,
        "trigger": doing.trigger,
        "reference": doing.reference,
        "until": step.until_on.isoformat() if step.until_on else "",
    }
    ledger.append(
        actor=doing.actor,
        now=doing.now,
        act=f"undisturbed.{doing.act.value}",
        subject=f"listing:{listing.uuid}",
        body={name: value for name, value in body.items() if value},
    )


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Each code once: the registration is looked at by both rules."""
    return tuple({reason.code: reason for reason in reasons}.values())
