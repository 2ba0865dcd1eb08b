"""What models of classes want from a person: a signature, a look at a trial, to be put in force."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.waiting import Waiting, provider
from yicha.know.credit.queries import models as queries

MOST = 10


@provider
def models(person: Person) -> Iterable[Waiting]:
    """Versions that wait for this person's signature; signed ones that were tried; trials of drafts that ended."""
    signs, edits = accounts.may(person, "model.sign"), accounts.may(person, "model.edit")
    if not (signs or edits):
        return
    for one in queries.list_models().filter(state__in=["draft", "submitted", "signed"])[:MOST]:
        name = f"{one.title} v{one.version}"
        if queries.may_sign_now(one, person):
            url = reverse("desk:risk_models:tab", args=[one.uuid, "signatures"])
            yield Waiting(_("Sign the model “%(name)s”") % {"name": name}, url, do=_("Sign"))
        if not edits or one.state == "submitted" or one.version == 0:
            continue
        tried = queries.find_last_trial(one)
        page = reverse("desk:risk_models:tab", args=[one.uuid, "trial"])
        if one.state == "signed":
            what = _("Put the model “%(name)s” in force") if tried else _("Try the model “%(name)s”")
            yield Waiting(what % {"name": name}, page, do=_("Open"))
        elif tried is not None:
            yield Waiting(_("The trial of “%(name)s” is done") % {"name": name}, page, do=_("Open"))
