"""What an agreement wants from a person: to be offered, signed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.agreements.acts import may_edit, my_regions
from yicha.doors.desk.waiting import Waiting, provider
from yicha.know.agreement import queries

MOST = 20
"""Agreements on the home of one person; the list has the rest."""


@provider
def agreements(person: Person) -> Iterable[Waiting]:
    """Drafts to be offered and offers to be signed, each for who may."""
    signs, edits = accounts.may(person, "agreement.sign"), accounts.may(person, "agreement.edit")
    if not (signs or edits):
        return
    for one in queries.list_agreements().filter(state__in=["draft", "offered"])[:MOST]:
        found = _due(one, person)
        if found is not None:
            yield found


def _due(one: Any, person: Person) -> Waiting | None:
    url = reverse("desk:agreements:object", args=[one.code, one.version])
    where = f"{one.code} · {one.get_state_display()}"
    open_slots = {slot.region.code for slot in one.signatures.all() if slot.signed_at is None}
    if one.state == "offered" and open_slots & {region.code for region in my_regions(person, one)}:
        return Waiting(one.name, url, None, where, _("Sign"))
    mine = accounts.may(person, "agreement.edit") and may_edit(
        person, [region.code for region in one.regions.all()]
    )
    if not mine:
        return None
    if one.state == "draft":
        return Waiting(one.name, url, None, where, _("Offer for signature"))
    return Waiting(one.name, url, None, where, mine=False)
