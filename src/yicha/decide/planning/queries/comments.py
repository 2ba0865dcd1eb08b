"""Reading what agencies said of plans."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from yicha.decide.planning.models import AnnualPlan, PlanComment
from yicha.decide.planning.queries.plans import list_plans
from yicha.decide.planning.terms import PlanState


def list_comments(plan: AnnualPlan) -> QuerySet[PlanComment]:
    """What was said of a version of a plan, the oldest first."""
    return PlanComment.objects.filter(plan=plan).select_related("agency").order_by("said_at", "id")


def find_comment(plan: AnnualPlan, uuid: UUID) -> PlanComment | None:
    """One comment of a plan, or None."""
    return list_comments(plan).filter(uuid=uuid).first()


def count_unanswered(plan: AnnualPlan) -> int:
    """How many comments of a plan nobody has answered."""
    return PlanComment.objects.filter(plan=plan, answer="").count()


def list_unanswered(plans: Iterable[AnnualPlan]) -> dict[int, int]:
    """Plan (id) → how many of its comments nobody has answered; plans without any are absent."""
    rows = PlanComment.objects.filter(plan__in=[plan.pk for plan in plans], answer="").order_by()
    return dict(rows.values_list("plan_id").annotate(count=Count("id")))


def list_to_comment(agencies: list[str]) -> QuerySet[AnnualPlan]:
    """Submitted plans on which these agencies (codes) may comment and have not."""
    asked = AnnualPlan.objects.filter(state=PlanState.SUBMITTED.value, commenters__code__in=agencies)
    said = PlanComment.objects.filter(agency__code__in=agencies).values("plan")
    return list_plans().filter(pk__in=asked.values("pk")).exclude(pk__in=said)
