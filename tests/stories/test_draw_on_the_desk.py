"""A draw from its opening to its result, as two agencies and the public live it, through the pages of the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast, code, person
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.drawing import queries, services
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec, DrawKind, StratumSpec
from yicha.kernel import clock

SECRETS = {"110112-market": "a1" * 32, "110112-fire": "b2" * 32}
POPULATION = [(code(number), "110112-1") for number in range(100, 140)]


@pytest.fixture
def draw(cast: Cast) -> Any:
    now = clock.now()
    return services.open_draw(
        actor="planner",
        now=now,
        organiser="110112-market",
        kind=DrawKind.OBJECTS,
        title="餐饮单位双随机抽查",
        plan_id="plan-1",
        participants=list(SECRETS),
        beacon=BeaconSpec(BeaconKind.DEMONSTRATION, "a test"),
        reveal_deadline=now + timedelta(days=1),
    )


@pytest.fixture
def fire_planner(cast: Cast) -> Client:
    client = Client()
    client.force_login(person("fire-planner", "消防计划", GrantFacts(Role.PLANNER, "110112-fire", "110112")))
    return client


@pytest.fixture
def planner(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.planner)
    return client


def page(draw: Any, rest: str = "") -> str:
    return f"/desk/draws/{draw.draw_id}/{rest}"


def commit(client: Client, draw: Any, agency: str) -> int:
    commitment = services.commitment_of(draw.draw_id, agency, SECRETS[agency])
    return client.post(page(draw, f"do/commit/{agency}/"), {"commitment": commitment}).status_code


def freeze(draw: Any) -> None:
    services.freeze_objects(
        actor="planner",
        now=clock.now(),
        draw=queries.get_draw(draw.draw_id),
        population=POPULATION,
        exclusions=[],
        strata=[StratumSpec("110112-1", "通州区第一层", "region", "0.10")],
    )


def revealed(draw: Any, planner: Client, fire_planner: Client) -> None:
    assert commit(planner, draw, "110112-market") == 302
    assert commit(fire_planner, draw, "110112-fire") == 302
    freeze(draw)
    assert planner.post(page(draw, "do/publish/")).status_code == 302
    for client, agency in ((planner, "110112-market"), (fire_planner, "110112-fire")):
        assert client.post(page(draw, f"do/reveal/{agency}/"), {"reveal": SECRETS[agency]}).status_code == 302


def test_from_commitments_to_the_result(draw: Any, planner: Client, fire_planner: Client) -> None:
    revealed(draw, planner, fire_planner)
    assert planner.post(page(draw, "do/run/"), {"beacon": "2026-07-02 314159"}).status_code == 302
    selection = queries.list_selection(queries.get_draw(draw.draw_id))
    assert len(selection) == 4
    shown = planner.get(page(draw, "result/")).content.decode()
    assert all(target.key in shown.replace("</span><span>", "") for target in selection)
    assert planner.get(page(draw, "files/")).status_code == 200
    assert "draw" in planner.get(page(draw, "ledger/")).content.decode()


def test_no_agency_commits_or_reveals_for_another(draw: Any, planner: Client, fire_planner: Client) -> None:
    assert commit(planner, draw, "110112-fire") == 404
    assert commit(fire_planner, draw, "110112-market") == 404


def test_the_coordinator_holds_no_secret_of_any_agency(cast: Cast, draw: Any, client: Client) -> None:
    client.force_login(cast.coordinator)
    assert client.get(page(draw)).status_code == 200
    assert commit(client, draw, "110112-market") == 404


def test_a_reveal_that_does_not_fit_is_refused_and_said_so(
    draw: Any, planner: Client, fire_planner: Client
) -> None:
    commit(planner, draw, "110112-market")
    commit(fire_planner, draw, "110112-fire")
    freeze(draw)
    planner.post(page(draw, "do/publish/"))
    response = planner.post(page(draw, "do/reveal/110112-market/"), {"reveal": "c3" * 32})
    assert response.status_code == 409
    assert not queries.list_participants(queries.get_draw(draw.draw_id)).exclude(reveal="").exists()


def test_nothing_of_a_selection_is_shown_before_the_seed(
    draw: Any, planner: Client, fire_planner: Client
) -> None:
    revealed(draw, planner, fire_planner)
    shown = planner.get(page(draw, "result/")).content.decode()
    assert not any(key in shown for key, _ in POPULATION)


def test_what_a_draw_wants_waits_on_the_home_of_who_can_do_it(
    cast: Cast, draw: Any, planner: Client, client: Client
) -> None:
    assert draw.draw_id in planner.get("/desk/").content.decode()
    client.force_login(cast.officer_a)
    assert draw.draw_id not in client.get("/desk/").content.decode()


def test_a_foreign_draw_and_a_missing_one_are_not_told_apart(cast: Cast, draw: Any, client: Client) -> None:
    client.force_login(cast.officer_b)
    assert client.get(page(draw)).status_code == 404
    assert client.get("/desk/draws/110112-market-2026-9999/").status_code == 404


def test_a_draw_runs_after_its_reveals_and_not_before(
    draw: Any, planner: Client, fire_planner: Client
) -> None:
    commit(planner, draw, "110112-market")
    commit(fire_planner, draw, "110112-fire")
    freeze(draw)
    planner.post(page(draw, "do/publish/"))
    assert planner.post(page(draw, "do/run/"), {"beacon": "x"}).status_code == 409


def test_a_replacement_takes_effect_with_its_second_approval(
    cast: Cast, draw: Any, planner: Client, fire_planner: Client
) -> None:
    revealed(draw, planner, fire_planner)
    planner.post(page(draw, "do/run/"), {"beacon": "2026-07-02 314159"})
    first = queries.list_selection(queries.get_draw(draw.draw_id))[0]
    approvers = []
    for name in ("head", "deputy", "third"):
        approver = Client()
        approver.force_login(person(name, name, GrantFacts(Role.APPROVER, "110112-market", "110112")))
        approvers.append(approver)
    given = {"code": "closed", "evidence": "现场记录 2026-17"}
    assert approvers[0].post(page(draw, f"do/replace/{first.key}/"), given).status_code == 302
    row = queries.list_replacements(queries.get_draw(draw.draw_id)).get()
    for approver in approvers[1:]:
        assert approver.post(page(draw, f"do/approve/{row.uuid}/")).status_code == 302
    targets = [target.key for target in queries.list_targets(queries.get_draw(draw.draw_id))]
    assert first.key not in targets
    assert len(targets) in {3, 4}  # above 5 % of a stratum the place waits for a supplement


def test_a_void_draw_keeps_its_number_and_its_reason(
    cast: Cast, draw: Any, planner: Client, fire_planner: Client
) -> None:
    revealed(draw, planner, fire_planner)
    head = Client()
    head.force_login(person("head", "负责人", GrantFacts(Role.APPROVER, "110112-market", "110112")))
    given = {"agency": "110112-market", "reason": "名录库有误"}
    assert head.post(page(draw, "do/void/"), given).status_code == 302
    shown = planner.get(page(draw)).content.decode()
    assert "名录库有误" in shown and draw.draw_id in shown
