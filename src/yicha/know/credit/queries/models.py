"""Reading models of classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.accounts.terms import Role
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.credit.models import KINDS, SEVERITIES, ClassRun, RiskModel
from yicha.know.credit.rules import model_difference, model_life
from yicha.know.credit.rules.models import parse
from yicha.know.credit.terms.classes import ModelState, RunKind, RunState
from yicha.know.credit.terms.differences import Difference
from yicha.know.credit.terms.model import FactKind, Model
from yicha.know.credit.terms.records import Severity

SHIPPED = ("general", 0)
"""Code and version of what the product ships."""
FACT_KINDS: Mapping[FactKind, str | Promise] = {
    **{FactKind(kind.value): words for kind, words in KINDS.items()},
    FactKind.INSPECTION_CLEAN: _("inspected, nothing found"),
    FactKind.INSPECTION_PROBLEM: _("inspected, problem found"),
    FactKind.RECTIFIED: _("rectified in time"),
    FactKind.RECTIFICATION_OVERDUE: _("rectification overdue"),
}
"""Everything that an indicator may look at, in words."""


def list_models() -> QuerySet[RiskModel]:
    """All versions of all models, the newest first."""
    return RiskModel.objects.prefetch_related("sign_offs").order_by("code", "-version")


def find_model(uuid: UUID) -> RiskModel | None:
    """A version of a model."""
    return list_models().filter(uuid=uuid).first()


def find_version(code: str, version: int) -> RiskModel | None:
    """A version of a model by its number."""
    return list_models().filter(code=code, version=version).first()


def find_model_in_force() -> RiskModel | None:
    """The version by which classes are computed; None before the first took force."""
    return list_models().filter(state=ModelState.IN_FORCE.value).first()


def get_shipped() -> RiskModel:
    """What the product ships: version 0, always there."""
    return list_models().get(code=SHIPPED[0], version=SHIPPED[1])


def get_document(model: RiskModel) -> Model:
    """What a version says. Raises `Refused` with its faults, which only a draft can have."""
    return _document(model.text, model.version)


@lru_cache(maxsize=16)
def _document(text: str, version: int) -> Model:
    return parse(text, version)


def list_signatures(model: RiskModel) -> Mapping[Role, str]:
    """Who signed a version as which role."""
    return {Role(row.role): row.by for row in model.sign_offs.all()}


def list_signing_roles(person: Person) -> tuple[Role, ...]:
    """The roles as which a person may sign models, from the grants that hold today."""
    today = clock.today(clock.now())
    held = {
        grant.role
        for grant in accounts.list_grants(person)
        if (grant.valid_from is None or grant.valid_from <= today)
        and (grant.valid_until is None or today <= grant.valid_until)
    }
    return tuple(role for role in model_life.SIGNING if role in held)


def may_sign_now(model: RiskModel, person: Person) -> bool:
    """Whether a version waits for this person's signature."""
    if model.state != ModelState.SUBMITTED or not accounts.may(person, "model.sign", model.scope):
        return False
    held, by = list_signing_roles(person), person.get_username()
    return not model_life.check_signature(held, by, list_signatures(model))


def list_trials(model: RiskModel) -> QuerySet[ClassRun]:
    """The trials of a version, the latest first."""
    runs = ClassRun.objects.filter(model=model, kind=RunKind.TRIAL.value)
    return runs.select_related("model", "snapshot").order_by("-id")


def find_trial(uuid: UUID) -> ClassRun | None:
    """A trial."""
    runs = ClassRun.objects.filter(uuid=uuid, kind=RunKind.TRIAL.value)
    return runs.select_related("model", "snapshot").first()


def find_last_trial(model: RiskModel) -> ClassRun | None:
    """The last finished trial of exactly the text that the version has now."""
    done = list_trials(model).filter(
        state=RunState.DONE.value, report__sha256=model.sha256, report__has_key="effects"
    )
    return done.first()


def list_acts(model: RiskModel) -> tuple[str, ...]:
    """What the table of transitions lets be done now."""
    return model_life.LIFE.acts_from(ModelState(model.state))


def compare(before: RiskModel, after: RiskModel) -> list[Difference] | None:
    """What a version says otherwise than another; None when one of them cannot be read yet."""
    try:
        return model_difference.compare(get_document(before), get_document(after))
    except Refused:
        return None


def name_kind(kind: FactKind) -> str:
    """A kind of fact in the reader's language."""
    return str(FACT_KINDS[kind])


def name_severity(severity: Severity) -> str:
    """A severity in the reader's language."""
    return str(SEVERITIES[severity])
