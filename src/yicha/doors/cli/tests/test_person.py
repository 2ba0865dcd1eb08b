"""`yicha person add`: the first administrator of an installation."""

from __future__ import annotations

import argparse
import io

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from yicha.base.accounts import queries
from yicha.doors.cli import main as cli
from yicha.kernel.refusal import Refused

PASSWORD = "one-seal-and-paper"


def add(monkeypatch: pytest.MonkeyPatch, *words: str, password: str = PASSWORD) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    args: argparse.Namespace = cli.build_parser().parse_args(["person", "add", "--password-stdin", *words])
    return int(args.run(args))


def test_a_person_with_a_role_may_sign_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert add(monkeypatch, "admin", "--name", "管理员", "--role", "system-admin") == 0
    user = queries.find_user("admin")
    assert user is not None and user.display_name == "管理员"
    request = RequestFactory().post("/account/login/")
    assert authenticate(request, username="admin", password=PASSWORD) == user
    assert [(grant.role, grant.agency) for grant in user.grants.all()] == [("system-admin", "")]


@pytest.mark.parametrize("password", ["", "short", "12345678901234"])
def test_a_weak_password_is_refused_and_nothing_is_added(
    db: None, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    with pytest.raises(Refused):
        add(monkeypatch, "admin", "--role", "system-admin", password=password)
    assert queries.find_user("admin") is None


def test_a_taken_name_is_refused(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "admin", "--role", "planner", "--agency", "110112-market")
    with pytest.raises(Refused) as caught:
        add(monkeypatch, "admin", "--role", "system-admin")
    assert caught.value.codes == ("accounts.username-taken",)


def test_an_unknown_role_is_wrong_usage(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert add(monkeypatch, "admin", "--role", "emperor") == 2
