"""Somebody comes to the door of the desk: who gets in, who is locked out, and what a stranger learns."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from tests.cast import PASSWORD, Cast
from yicha.base.accounts import queries


@pytest.fixture(autouse=True)
def nobody_has_failed_yet(db: None) -> None:
    cache.clear()


def try_to_sign_in(client: Client, username: str, password: str) -> int:
    return client.post("/account/login/", {"login": username, "password": password}).status_code


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_planner_signs_in_and_comes_home(cast: Cast, client: Client) -> None:
    assert try_to_sign_in(client, "planner", PASSWORD) == 302
    assert is_in(client)
    assert client.get("/desk/").status_code == 200


def test_a_wrong_password_opens_nothing(cast: Cast, client: Client) -> None:
    try_to_sign_in(client, "planner", "not the password")
    assert not is_in(client)


def test_after_five_failed_tries_even_the_right_password_waits(cast: Cast, client: Client) -> None:
    for _ in range(5):
        try_to_sign_in(client, "planner", "not the password")
    response = client.post(
        "/account/login/", {"login": "planner", "password": PASSWORD}, HTTP_ACCEPT_LANGUAGE="en"
    )
    assert not is_in(client)
    assert response.status_code in {200, 429}
    assert "oo many" in response.content.decode() or "过多" in response.content.decode()


def test_one_who_is_locked_out_does_not_lock_out_the_others(cast: Cast, client: Client) -> None:
    for _ in range(6):
        try_to_sign_in(client, "planner", "not the password")
    try_to_sign_in(client, "coordinator", PASSWORD)
    assert is_in(client)


def test_who_has_not_signed_in_is_asked_to_and_comes_back_to_the_page(cast: Cast, client: Client) -> None:
    response = client.get("/desk/numbers/?sort=code")
    assert response.status_code == 302
    assert "next=" in response["Location"] and "numbers" in response["Location"]


def test_a_stranger_who_signs_in_finds_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.stranger)
    assert client.get("/desk/numbers/").status_code == 404


def test_nobody_can_open_an_account_for_themselves(client: Client) -> None:
    client.post("/account/signup/", {"username": "me", "password1": PASSWORD, "password2": PASSWORD})
    assert not is_in(client)
    assert queries.find_user("me") is None


@pytest.mark.parametrize("page", ["signup", "email", "password/reset", "password/set"])
def test_pages_that_nobody_needs_are_not_there(cast: Cast, client: Client, page: str) -> None:
    client.force_login(cast.planner)
    assert client.get(f"/account/{page}/").status_code == 404
