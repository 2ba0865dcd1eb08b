"""Those who must publish: what waits, what is late, and one press for many; and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, Cast
from yicha.base.accounts.models import User
from yicha.know.visits.terms import ResultCode
from yicha.share.publicity import queries, services
from yicha.share.publicity.tests.factories import closed


@pytest.fixture
def due(cast: Cast) -> Cast:
    """A visit in 通州 and one in 大兴 were closed long ago, and nothing is public."""
    closed(cast.noodle_shop)
    closed(cast.paint_factory, ("110115-fire",), code=ResultCode.NO_PROBLEM)
    services.register_closed(now=NOW)
    return cast


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return str(response.content.decode())


def test_what_is_late_waits_on_the_home_of_who_can_publish(due: Cast) -> None:
    home = reverse("desk:home")
    results = f"{reverse('desk:results:list')}?clock=due"
    assert results in text(as_(due.planner), home)
    assert results not in text(as_(due.officer_a), home), "an officer sees results, but does not publish them"


def test_the_list_says_what_is_late_and_everybody_sees_their_own(due: Cast) -> None:
    url = reverse("desk:results:list")
    late = text(as_(due.coordinator), url + "?clock=late")
    assert "老面馆" in late and "油漆厂" in late and "逾期" in late
    own = text(as_(due.planner), url)
    assert "老面馆" in own and "油漆厂" not in own
    assert "老面馆" not in text(as_(due.coordinator), url + "?clock=published")
    assert as_(due.stranger).get(url).status_code == 404
    workbook = as_(due.planner).get(url + "?export=xlsx")
    assert workbook.status_code == 200
    workbook.close()


def test_one_press_publishes_what_was_ticked_and_nothing_of_others(due: Cast) -> None:
    url = reverse("desk:results:publish")
    everything = [str(row.pk) for row in queries.list_due()]
    assert as_(due.officer_a).post(url, {"picked": everything}).status_code == 404
    assert as_(due.planner).post(url, {"picked": [*everything, "0", "x"]}).status_code == 302
    assert [row.uscc for row in queries.list_published()] == [due.noodle_shop.uscc]
    assert as_(due.planner).post(url, {"picked": everything}).status_code == 302, "again: nothing happens"
    assert queries.list_published().count() == 1


def test_published_late_stays_late(due: Cast) -> None:
    services.publish_due(actor="planner", now=NOW + timedelta(days=90))
    numbers = queries.get_clock_numbers((NOW + timedelta(days=90)).date())
    assert (numbers.published, numbers.published_in_time, numbers.in_time_percent) == (2, 0, 0)
    assert "逾期" in text(as_(due.coordinator), reverse("desk:results:list"))
    shop = queries.list_published_of(due.noodle_shop.uscc)[0]
    assert "逾期" in text(Client(), reverse("public:results:object", args=[shop.uuid]))
