"""A hundred agencies plan at once: nothing is lost, nobody overwrites another's plan without being told."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from tests.cast import NOW, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, PlanComment, PlanEntry
from yicha.decide.planning.terms import EntryDraft, PlanOwner, PlanState
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.registry import services as registry

AGENCIES = 100
THREADS = 6


@pytest.fixture
def agencies(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> list[str]:
    """A hundred agencies of one district, each with an item of its own; and a plan that all of them share."""
    cast: Cast = request.getfixturevalue("cast")
    assert cast
    factories.ground(people=4)
    codes = []
    for number in range(AGENCIES):
        kind = f"kind-{number:03}"
        registry.save_agency_kind(actor="t", now=NOW, code=kind, name=f"类别 {number}")
        code = f"110112-{kind}"
        registry.save_agency(actor="t", now=NOW, code=code, name=f"部门 {number}", kind=kind, region="110112")
        factories.item(f"item-{number:03}", kind)
        codes.append(code)
    return codes


def at_once(act: Any, items: list[Any], threads: int) -> list[Any]:
    """Do it for all of them on threads; what fails is raised."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(act, items))


def asked(act: Any, code: str, **what: Any) -> Any:
    """One request of an agency: its connection goes back when it is answered, as a server's does."""
    try:
        return act(actor=code, now=NOW, **what)
    finally:
        connection.close()


def plan_a_year(code: str, shared: AnnualPlan, rounds: int) -> Counter[str]:
    """One agency: it drafts and submits its own plan, and edits the shared one until its line stands there."""
    number = code[-3:]
    item = (f"item-{number}",)
    owner = PlanOwner(agency=code)
    own = asked(services.create_plan, code, year=2026, title=f"计划 {number}", owner=owner)
    for quarter in range(1, rounds + 1):
        own = asked(services.add_entry, code, plan=own, draft=EntryDraft(quarter, "catering", item))
    own = asked(rename_first, code, plan=own, title=f"首条 {number}")
    told = edit_shared(code, shared)
    asked(services.submit_plan, code, plan=own)
    return told


def rename_first(*, actor: str, now: datetime, plan: AnnualPlan, title: str) -> AnnualPlan:
    """Read the first line of a plan and write it with another title."""
    entry, draft = plan.entries.get(number=1), replace(queries.list_drafts(plan)[0], title=title)
    return services.change_entry(actor=actor, now=now, plan=plan, entry=entry.uuid, draft=draft)


def edit_shared(code: str, shared: AnnualPlan) -> Counter[str]:
    """Write one's name into a shared line without losing the others': after a refusal it is read again."""
    counts: Counter[str] = Counter()
    while True:
        try:
            asked(write_name, code, shared=shared)
        except Refused as refused:
            assert set(refused.codes) == {"plan.changed-meanwhile"}
            counts["told"] += 1
        else:
            counts["written"] += 1
            return counts


def write_name(*, actor: str, now: datetime, shared: AnnualPlan) -> None:
    """Read a line of the shared plan, and write it with one's name."""
    read = AnnualPlan.objects.get(pk=shared.pk)
    entry = read.entries.get(number=int(actor[-3:]) % 4 + 1)
    draft = replace(queries.draft_of(entry), title=f"{entry.title}·{actor[-3:]}")
    services.change_entry(actor=actor, now=now, plan=read, entry=entry.uuid, draft=draft)


def run(agencies: list[str], rounds: int, threads: int) -> Counter[str]:
    shared = services.create_plan(
        actor="office", now=NOW, year=2026, title="联合", owner=PlanOwner(joint_list="catering", region="110112"),
        entries=[EntryDraft(quarter, "catering", title="共") for quarter in range(1, 5)],
    )  # fmt: skip
    total: Counter[str] = sum(
        at_once(lambda code: plan_a_year(code, shared, rounds), agencies, threads), Counter()
    )
    nothing_is_lost(agencies, rounds)
    everybody_stands_in(shared, agencies)
    return total


def nothing_is_lost(agencies: list[str], rounds: int) -> None:
    """Every plan is submitted with all its entries, and the ledger has every act of it in its order."""
    plans = {
        plan.owner.code: plan
        for plan in AnnualPlan.objects.exclude(owner=None).select_related("owner")
        if plan.owner
    }
    assert set(plans) == set(agencies)
    assert (
        PlanEntry.objects.filter(plan__in=[plan.pk for plan in plans.values()]).count()
        == len(agencies) * rounds
    )
    for code, plan in plans.items():
        acts = list(ledger.list_entries_of(plan.subject))[::-1]
        assert {entry.actor for entry in acts} == {code}
        assert [entry.body.get("revision") for entry in acts] == list(range(rounds + 3))
        assert (plan.state, plan.revision) == (PlanState.SUBMITTED, rounds + 2)
        assert plan.entries.get(number=1).title == f"首条 {code[-3:]}"


def everybody_stands_in(shared: AnnualPlan, agencies: list[str]) -> None:
    """The lines that all of them wrote at have everybody's part once."""
    shared.refresh_from_db()
    parts = [part for entry in shared.entries.all() for part in entry.title.split("·")[1:]]
    assert sorted(parts) == sorted(code[-3:] for code in agencies)
    assert shared.revision == len(agencies)


def comment_on_the_next(agencies: list[str], threads: int) -> None:
    """Every agency comments on the plan of the next one, all at once."""
    plans = {plan.owner.code: plan for plan in queries.list_plans().exclude(owner=None) if plan.owner}
    pairs = list(zip(agencies, [*agencies[1:], agencies[0]], strict=True))
    at_once(
        lambda pair: asked(
            services.comment,
            pair[0],
            plan=plans[pair[1]],
            agency=pair[0],
            text=f"{pair[0]} 的意见",
            entry_number=1,
        ),
        pairs,
        threads,
    )
    said = dict(PlanComment.objects.values_list("agency__code", "plan__owner__code"))
    assert said == dict(pairs)


def test_a_hundred_agencies_plan_at_once(agencies: list[str]) -> None:
    counts = run(agencies, rounds=1, threads=THREADS)
    assert counts["written"] == AGENCIES
    comment_on_the_next(agencies, THREADS)


@pytest.mark.slow
def test_a_hundred_agencies_plan_a_whole_year_on_a_hundred_threads(agencies: list[str]) -> None:
    counts = run(agencies, rounds=4, threads=AGENCIES)
    assert counts["written"] == AGENCIES and counts["told"] > 0
    comment_on_the_next(agencies, AGENCIES)
