"""What a draw wants from a person: a commitment, a reveal, a publication, a beacon."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.drawing import queries
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock
from yicha.know.registry import queries as registry

MOST = 20
"""Draws on the home of one person; the list has the rest."""


@provider
def draws(person: Person) -> Iterable[Waiting]:
    """Open draws of the person's agencies, each with the one thing that is due."""
    if not accounts.may(person, "draw.view"):
        return
    open_draws = accounts.scoped(queries.list_open_draws(), person, "draw.view")[:MOST]
    mine = {
        action: set(accounts.scoped(registry.list_agencies(), person, action).values_list("code", flat=True))
        for action in ("draw.commit", "draw.reveal")
    }
    for draw in open_draws:
        found = _due(draw, person, mine)
        if found is not None:
            yield found


def _due(draw: Any, person: Person, mine: dict[str, set[str]]) -> Waiting | None:
    url = reverse("desk:draws:object", kwargs={"draw_id": draw.draw_id})
    due_on = clock.today(draw.reveal_deadline)
    parts = list(draw.participants.all())
    if draw.state == "opened" and any(
        not part.commitment and part.agency in mine["draw.commit"] for part in parts
    ):
        return Waiting(draw.title, url, None, draw.draw_id, _("Commit"))
    if draw.state == "frozen" and accounts.may(person, "draw.freeze", draw.scope):
        return Waiting(draw.title, url, None, draw.draw_id, _("Publish"))
    secrets = any(
        part.commitment and not part.reveal and part.agency in mine["draw.reveal"] for part in parts
    )
    if draw.state == "published" and secrets:
        return Waiting(draw.title, url, due_on, draw.draw_id, _("Reveal"))
    if draw.state == "revealed" and accounts.may(person, "draw.run", draw.scope):
        return Waiting(draw.title, url, None, draw.draw_id, _("Draw"))
    return None
