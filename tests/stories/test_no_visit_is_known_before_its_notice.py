"""A visit that nobody was told of is nowhere outside: neither what a round plans, nor what comes unannounced.

The same world is asked twice, with and without such visits inside: what the public and the owners of enterprises can
read must be the same, byte for byte. What is new are their own addresses alone, and these show nothing but codes
to whoever holds one.
"""

from __future__ import annotations

from datetime import date

from tests.cast import Cast
from tests.stories.outside import Outside, answers
from tests.stories.test_no_class_leaves_the_house import LATER, outside
from yicha.act.dispatch.tests import factories as dispatch
from yicha.decide.gate.models import VisitCode
from yicha.know.visits.models import Contact

__all__ = ["outside"]
OPEN = ("public", "portal")


def plan_in_secret(cast: Cast) -> list[Contact]:
    """A visit that waits for its notice, and one that comes unannounced and may start.

    The latter is at the enterprise of the announced visit and by the same officers: half days stay as free as before.
    """
    waiting = dispatch.ready(cast.chip_maker, on=date(2026, 7, 22))
    dispatch.approved(waiting, LATER)
    sudden = dispatch.ready(cast.paint_factory, ("110115-fire",), date(2026, 7, 23), trigger="complaint")
    dispatch.approved(sudden, LATER, unannounced_because="先通知会毁灭证据")
    return [waiting, sudden]


def changed(outside: Outside) -> list[str]:
    """Addresses that answer otherwise since there are secret visits; but where the hash of a code is looked up.

    Only who was shown a code has its hash. The officers' own calendar has their visits.
    """
    first = answers(outside, OPEN)
    secret = plan_in_secret(outside.cast)
    found = answers(outside, OPEN)
    digests = VisitCode.objects.filter(contact__in=secret).values_list("digest", flat=True)
    assert len(digests) == len(secret)
    own = [*digests, outside.feed]
    return [
        address
        for address in sorted(first.keys() | found.keys())
        if first.get(address) != found.get(address) and not any(one in address for one in own)
    ]


def test_no_answer_outside_changes_with_a_visit_that_nobody_was_told_of(outside: Outside) -> None:
    assert changed(outside) == []
