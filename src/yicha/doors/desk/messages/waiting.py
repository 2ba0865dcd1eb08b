"""What waits: messages that nobody has read, and deliveries that were given up."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.messages import queries
from yicha.doors.desk.messages import rights
from yicha.doors.desk.messages.inbox import list_audiences
from yicha.doors.desk.waiting import Waiting, provider


@provider
def to_read(person: Person) -> Iterable[Waiting]:
    """One line for all that was not read."""
    if not accounts.may(person, "dispatch.view"):
        return
    if count := queries.count_unread(list_audiences(person)):
        words = ngettext("%(count)s message is not read", "%(count)s messages are not read", count)
        yield Waiting(words % {"count": count}, reverse("desk:messages:list"), None, _("Messages"), _("Read"))


@provider
def to_send_again(person: Person) -> Iterable[Waiting]:
    """One line for all that did not reach whom it was for."""
    if count := rights.count_failed(person):
        words = ngettext(
            "%(count)s delivery was given up: it did not arrive",
            "%(count)s deliveries were given up: they did not arrive",
            count,
        )
        url = f"{reverse('desk:messages:deliveries')}?state=failed"
        yield Waiting(words % {"count": count}, url, None, _("Deliveries"), _("Look"))
