"""The only writers of models of classes: a version is drafted, submitted, signed twice, tried, put in force."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from yicha.base.accounts.terms import Role
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit.models import ClassRun, RiskModel, SignOff
from yicha.know.credit.queries import models as queries
from yicha.know.credit.rules import documents, model_life
from yicha.know.credit.rules.models import parse, sha256_of
from yicha.know.credit.services import classing
from yicha.know.credit.terms.classes import ModelState, RunKind


@transaction.atomic
def draft(*, actor: str, now: datetime, copy_of: RiskModel | None = None, remark: str = "") -> RiskModel:
    """A new draft with the text of a version: of `copy_of`, else of the one in force, else of what is shipped."""
    source = copy_of or queries.find_model_in_force() or queries.get_shipped()
    source = RiskModel.objects.select_for_update().get(pk=source.pk)
    versions = RiskModel.objects.select_for_update().filter(code=source.code)
    list(versions.values_list("pk", flat=True))
    last = RiskModel.objects.filter(code=source.code).aggregate(last=Max("version"))["last"]
    made = RiskModel.objects.create(
        code=source.code,
        version=last + 1,
        title=source.title,
        text=source.text,
        sha256=source.sha256,
        state=ModelState.DRAFT.value,
        remark=remark.strip(),
        drafted_at=now,
        drafted_by=actor,
    )
    _tell_ledger("model.drafted", made, actor, now, {"copy_of": source.version})
    return made


@transaction.atomic
def edit(
    *, actor: str, now: datetime, model: RiskModel, text: str, seen: str, remark: str | None = None
) -> RiskModel:
    """Keep a draft's text as it was written; it may still have faults, which its submission asks for.

    `seen` is the hash of the text that the person began with: refused when somebody saved in between, so that
    nobody's work is lost unseen.
    """
    locked = _lock(model)
    model_life.LIFE.after(ModelState(locked.state), "edit")
    text = tidy(text)
    refuse_if(model_life.check_edit(locked.version, seen, locked.sha256))
    refuse_if(documents.check_text(text))
    locked.text, locked.sha256 = text, sha256_of(text)
    if remark is not None:
        locked.remark = remark.strip()
    with suppress(Refused):  # what is not finished keeps its title
        locked.title = parse(text).title
    locked.save(update_fields=["text", "sha256", "title", "remark"])
    _tell_ledger("model.edited", locked, actor, now, {})
    return locked


def tidy(text: str) -> str:
    """A text as it is kept: lines end as everywhere, the last one too; nothing else is touched."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def find_faults(text: str) -> tuple[Reason, ...]:
    """Everything that is wrong with a document; nothing is written."""
    try:
        parse(tidy(text))
    except Refused as refused:
        return refused.reasons
    return ()


@transaction.atomic
def submit(*, actor: str, now: datetime, model: RiskModel) -> RiskModel:
    """Submit a draft for signature. From now on its text stays; refused with all its faults."""
    locked = _lock(model)
    state = model_life.LIFE.after(ModelState(locked.state), "submit")
    document = parse(locked.text, locked.version)
    in_force = queries.find_model_in_force()
    refuse_if(
        model_life.check_submission(
            document.code, locked.code, locked.sha256, in_force.sha256 if in_force else ""
        )
    )
    locked.state, locked.title = state.value, document.title
    locked.save(update_fields=["state", "title"])
    _tell_ledger("model.submitted", locked, actor, now, {})
    return locked


@transaction.atomic
def sign(*, actor: str, now: datetime, model: RiskModel, roles: Collection[Role]) -> RiskModel:
    """Sign a submitted version as one of the roles that the person holds; with the second signature it is signed.

    The caller has asked whether this person may sign, and which roles their grants give.
    """
    locked = _lock(model)
    state = model_life.LIFE.after(ModelState(locked.state), "sign")
    signed = dict(queries.list_signatures(locked))
    refuse_if(model_life.check_signature(roles, actor, signed))
    role = model_life.next_role(roles, signed)
    assert role is not None
    SignOff.objects.create(model=locked, role=role.value, by=actor, at=now)
    if model_life.is_complete({**signed, role: actor}):
        state = model_life.LIFE.after(state, "complete")
    locked.state = state.value
    locked.save(update_fields=["state"])
    _tell_ledger("model.signed", locked, actor, now, {"role": role.value})
    return locked


@transaction.atomic
def withdraw(*, actor: str, now: datetime, model: RiskModel, reason: str) -> RiskModel:
    """Give up a version that is not in force. Its text can be drafted anew."""
    locked = _lock(model)
    state = model_life.LIFE.after(ModelState(locked.state), "withdraw")
    if locked.version == 0:
        raise Refused(model_life.check_edit(0, "", ""))
    if not reason.strip():
        raise Refused([Reason("model.no-reason", "Say why.", at_field="reason")])
    locked.state = state.value
    locked.save(update_fields=["state"])
    _tell_ledger("model.withdrawn", locked, actor, now, {"reason": reason.strip()})
    return locked


@transaction.atomic
def begin_force(*, actor: str, now: datetime, model: RiskModel) -> ClassRun:
    """Let a signed and tried version take force from today, and write down the classification that is now to be run.

    Until that run is shown, classes rest on the one before. The version that was in force is superseded.
    """
    locked = _lock(model)
    state = model_life.LIFE.after(ModelState(locked.state), "put-in-force")
    today = clock.today(now)
    trial = queries.find_last_trial(locked)
    tried_on = clock.today(trial.snapshot.taken_at) if trial and trial.snapshot else None
    refuse_if(model_life.check_force(tried_on, today, catalogue.get_number("trial-valid-days", today)))
    former = RiskModel.objects.select_for_update().filter(state=ModelState.IN_FORCE.value).first()
    if former is not None:
        former.state = model_life.LIFE.after(ModelState.IN_FORCE, "supersede").value
        former.save(update_fields=["state"])
    locked.state, locked.in_force_from = state.value, today
    locked.save(update_fields=["state", "in_force_from"])
    run = classing.begin_run(actor=actor, now=now, kind=RunKind.ASKED, model=locked)
    more: dict[str, JSON] = {"trial": str(trial.uuid) if trial else "", "run": str(run.uuid)}
    _tell_ledger("model.in-force", locked, actor, now, {**more, "former": former.version if former else None})
    return run


def put_in_force(*, actor: str, now: datetime, model: RiskModel) -> ClassRun:
    """`begin_force`, and the classification at once; returns when everybody has their class by this version."""
    run = begin_force(actor=actor, now=now, model=model)
    return classing.run_classification(actor=actor, now=now, run=run)


def _lock(model: RiskModel) -> RiskModel:
    return RiskModel.objects.select_for_update().get(pk=model.pk)


def _tell_ledger(act: str, model: RiskModel, actor: str, now: datetime, more: dict[str, JSON]) -> None:
    body: dict[str, JSON] = {"code": model.code, "version": model.version, "sha256": model.sha256, **more}
    ledger.append(actor=actor, now=now, act=act, subject=f"model:{model.uuid}", body=body)
