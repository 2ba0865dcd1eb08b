"""A request that is sent again is carried out once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection

from tests.cast import NOW
from yicha.base.accounts import services as accounts
from yicha.base.accounts.models import ApiClient, User
from yicha.ingest.exchange import services
from yicha.ingest.exchange.models import Receipt
from yicha.ingest.exchange.terms import RECEIPT_DAYS, Answer
from yicha.kernel.refusal import Reason, Refused

SENT = services.hash_request("POST", "/api/v1/gate/applications", b'{"a":1}')
OTHER = services.hash_request("POST", "/api/v1/gate/applications", b'{"a":2}')


class Effect:
    """Something that leaves a row, and counts how often it was done."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.done = 0
        self.fails = fails

    def __call__(self) -> Answer:
        self.done += 1
        User.objects.create(username=f"effect-{self.done}")
        if self.fails:
            raise self.fails
        return Answer(201, "application/json", b'{"done":%d}' % self.done, "/there")


@pytest.fixture
def client_id(db: None) -> int:
    client, _secret = accounts.create_client(
        actor="test", now=NOW, name="系统", agency="A", scopes=["gate.apply"], per_minute=60
    )
    return int(client.pk)


def send(
    client_id: int, act: Effect, sent: str = SENT, key: str = "k-1", days: int = 0
) -> tuple[Answer, bool]:
    now = NOW + timedelta(days=days)
    return services.answer_once(
        client_id=client_id, key=key, request_hash=sent, now=now, act=act, refused=refused_answer
    )


def refused_answer(refused: Refused) -> Answer:
    return Answer(409, "application/problem+json", ",".join(refused.codes).encode())


def test_the_second_try_gets_the_same_answer_and_does_nothing(client_id: int) -> None:
    effect = Effect()
    first, repeated = send(client_id, effect)
    assert not repeated
    assert send(client_id, effect) == (first, True)
    assert effect.done == 1


def test_the_same_key_with_another_body_is_refused(client_id: int) -> None:
    effect = Effect()
    send(client_id, effect)
    with pytest.raises(Refused) as refused:
        send(client_id, effect, OTHER)
    assert refused.value.codes == ("receipt.other-request",) and effect.done == 1


def test_method_path_and_body_make_a_request() -> None:
    assert len({SENT, OTHER, services.hash_request("POST", "/api/v1/results", b'{"a":1}')}) == 3


def test_another_key_is_another_request(client_id: int) -> None:
    effect = Effect()
    send(client_id, effect)
    assert not send(client_id, effect, key="k-2")[1] and effect.done == 2


def test_two_clients_may_choose_the_same_key(client_id: int) -> None:
    other, _secret = accounts.create_client(
        actor="test", now=NOW, name="另一系统", agency="B", scopes=["gate.apply"], per_minute=60
    )
    effect = Effect()
    send(client_id, effect)
    assert not send(int(other.pk), effect)[1] and effect.done == 2


def effects() -> int:
    return User.objects.filter(username__startswith="effect").count()


def test_what_fails_leaves_neither_effect_nor_receipt(client_id: int) -> None:
    with pytest.raises(RuntimeError):
        send(client_id, Effect(RuntimeError("a mistake of ours")))
    assert not Receipt.objects.exists() and not effects()
    assert not send(client_id, Effect())[1]


def test_a_refusal_leaves_no_effect_and_is_answered_again(client_id: int) -> None:
    refusing = Effect(Refused([Reason("no", "No.")]))
    first, _repeated = send(client_id, refusing)
    assert (first.status, first.body) == (409, b"no") and not effects()
    assert send(client_id, refusing) == (first, True) and refusing.done == 1


def test_a_receipt_is_forgotten_after_thirty_days(client_id: int) -> None:
    effect = Effect()
    send(client_id, effect)
    assert services.forget_receipts(NOW + timedelta(days=RECEIPT_DAYS, seconds=-1)) == 0
    assert services.forget_receipts(NOW + timedelta(days=RECEIPT_DAYS)) == 1


def test_an_old_receipt_does_not_wait_for_the_nightly_job(client_id: int) -> None:
    effect = Effect()
    send(client_id, effect)
    assert not send(client_id, effect, OTHER, days=RECEIPT_DAYS)[1] and effect.done == 2


KILLED = """
import os, time, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = os.environ["NAME_OF_DATABASE"]
from yicha.ingest.exchange import services
from yicha.ingest.exchange.tests.test_receipts import NOW, SENT, Effect, refused_answer
effect = Effect()
def act():
    effect()
    print("at work", flush=True)
    time.sleep(60)
client = int(os.environ["CLIENT"])
services.answer_once(client_id=client, key="k-1", request_hash=SENT, now=NOW, act=act, refused=refused_answer)
"""


@pytest.mark.django_db(transaction=True)
def test_in_flight_is_refused_and_a_killed_process_blocks_nobody() -> None:
    client, _secret = accounts.create_client(
        actor="test", now=NOW, name="系统", agency="A", scopes=["gate.apply"], per_minute=60
    )
    assert ApiClient.objects.exists()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "yicha.site.settings",
        "NAME_OF_DATABASE": connection.settings_dict["NAME"],
        "CLIENT": str(client.pk),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "at work\n"
        with pytest.raises(Refused) as refused:
            send(int(client.pk), Effect())
        assert refused.value.codes == ("receipt.in-flight",)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    answer, repeated = _until_free(int(client.pk))
    assert answer.status == 201 and not repeated
    assert effects() == 1


def _until_free(client_id: int) -> tuple[Answer, bool]:
    """The database notices within moments that the other side of a connection is gone."""
    for _try in range(1200):
        try:
            return send(client_id, Effect())
        except Refused:
            time.sleep(0.1)
    raise AssertionError("the key of a dead process stayed blocked")
