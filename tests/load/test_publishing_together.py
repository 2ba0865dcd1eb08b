"""Two plans that overlap are published at the same moment: the second is checked with the first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
from django.db import connection, transaction

from tests.cast import NOW, Cast
from yicha.decide.planning import services
from yicha.decide.planning.models import AnnualPlan
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import LegalNumber
from yicha.know.registry.models import Enterprise

PATIENCE = 1.0
"""So many seconds the first waits for the second, who should be waiting for the first."""


@pytest.fixture
def plans(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> list[AnnualPlan]:
    """Two approved plans that go to the same restaurants on different days of one quarter."""
    cast: Cast = request.getfixturevalue("cast")
    assert cast
    factories.ground()
    Enterprise.objects.update(risk_class="D")
    LegalNumber.objects.filter(code="overlap-most-firms").update(value=3)
    drafts = {
        "110112-market": EntryDraft(3, "catering", ("market-01",), window_to=date(2026, 7, 31)),
        "110112-fire": EntryDraft(3, "catering", ("fire-01",), window_from=date(2026, 9, 1)),
    }
    made = []
    for agency, draft in drafts.items():
        plan = services.submit_plan(
            actor="planner", now=NOW, plan=factories.plan(PlanOwner(agency=agency), draft)
        )
        made.append(services.approve_plan(actor="approver", now=NOW, plan=plan))
    return made


def test_of_two_that_overlap_the_second_is_checked_with_the_first(plans: list[AnnualPlan]) -> None:
    first, second = plans
    begun, ended = Event(), Event()

    def publish_first() -> None:
        with transaction.atomic():
            services.publish_plan(actor="planner", now=NOW, plan=first)
            begun.set()
            ended.wait(PATIENCE)
        connection.close()

    def publish_second() -> tuple[str, ...]:
        begun.wait(30 * PATIENCE)
        try:
            services.publish_plan(actor="planner", now=NOW, plan=second)
        except Refused as refused:
            return refused.codes
        finally:
            ended.set()
            connection.close()
        return ()

    with ThreadPoolExecutor(2) as pool:
        published, answer = pool.submit(publish_first), pool.submit(publish_second)
        published.result()
        assert answer.result() == ("plan.overlap-open",)
    assert sorted(AnnualPlan.objects.values_list("state", flat=True)) == ["approved", "published"]
