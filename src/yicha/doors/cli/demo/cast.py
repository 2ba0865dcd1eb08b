"""Who may sign in to the demonstration: one person for each role, with passwords made at the first run."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from yicha.base.accounts import services as accounts
from yicha.base.accounts.terms import ApiScope, GrantFacts, Role
from yicha.doors.cli.demo.state import ACTOR

API = "client of the API at /api/v1/"
"""What an entry is that no person signs in with."""
_CALLS_A_MINUTE = 600
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that look alike."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person who may sign in, and what they are here."""

    username: str
    password: str
    what: str


@dataclass(frozen=True, slots=True)
class People:
    """Whom the cast stands for: certificates of two officers, and the code of an enterprise with its name."""

    officer_a: str
    officer_b: str
    owned: str
    owned_name: str


def make(people: People, folder: Path, now: datetime) -> list[SignIn]:
    """Create the cast with new passwords, and keep them in `folder` for the next run, readable by its owner only."""
    market, fire = "110112-market", "110115-fire"
    region = "110112"
    wanted: Sequence[tuple[str, str, str, str, GrantFacts]] = (
        ("coordinator", "协调员", "coordination office of the zone", "", GrantFacts(Role.COORDINATOR)),
        (
            "planner",
            "计划员",
            "planner, 通州区市场监督管理局",
            "",
            GrantFacts(Role.PLANNER, market, region),
        ),
        (
            "approver",
            "审批人",
            "approver, 通州区市场监督管理局",
            "",
            GrantFacts(Role.APPROVER, market, region),
        ),
        (
            "officer-a",
            "执法员甲",
            "officer of agency A, 通州区市场监督管理局",
            people.officer_a,
            GrantFacts(Role.OFFICER, market, region),
        ),
        (
            "officer-b",
            "执法员乙",
            "officer of agency B, 大兴区消防救援支队",
            people.officer_b,
            GrantFacts(Role.OFFICER, fire, "110115"),
        ),
        (
            "owner",
            "经营者",
            f"owner of {people.owned_name}",
            "",
            GrantFacts(Role.ENTERPRISE, enterprise=people.owned),
        ),
        ("auditor", "审计员", "auditor", "", GrantFacts(Role.AUDITOR)),
    )
    made = [_make(now, *person) for person in wanted]
    made.append(_make_client(now, market))
    _keep(folder, made)
    return made


@transaction.atomic
def _make_client(now: datetime, agency: str) -> SignIn:
    """A system of an agency that may use the partners' API in every way."""
    client, secret = accounts.create_client(
        actor=ACTOR,
        now=now,
        name="业务系统（模拟）",
        agency=agency,
        scopes=[scope.value for scope in ApiScope],
        per_minute=_CALLS_A_MINUTE,
    )
    return SignIn(str(client.uuid), secret, f"{API}, {agency}")


@transaction.atomic
def _make(now: datetime, username: str, name: str, what: str, certificate: str, facts: GrantFacts) -> SignIn:
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))
    user = accounts.create_user(
        actor=ACTOR,
        now=now,
        username=username,
        password=password,
        display_name=f"{name}（模拟）",
        certificate=certificate,
    )
    accounts.grant(actor=ACTOR, now=now, user=user, facts=facts)
    return SignIn(username, password, what)


def _path(folder: Path) -> Path:
    return folder / "demonstration-sign-ins.json"


def _keep(folder: Path, made: Sequence[SignIn]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = _path(folder)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(one) for one in made], file, ensure_ascii=False, indent=1)


def kept(folder: Path) -> list[SignIn]:
    """The sign-ins of the demonstration that is there; none if the file is gone."""
    try:
        rows = json.loads(_path(folder).read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [SignIn(row["username"], row["password"], row["what"]) for row in rows]
