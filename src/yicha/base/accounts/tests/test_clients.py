"""Clients of the partners' API: secrets, tokens, scopes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW
from yicha.base.accounts import queries, rules, services
from yicha.base.accounts.models import AccessToken, ApiClient
from yicha.base.accounts.terms import TOKEN_SECONDS, ApiScope
from yicha.base.ledger.models import Entry
from yicha.kernel.refusal import Refused

BOTH = [ApiScope.GATE_PREVIEW.value, ApiScope.ENTERPRISE_READ.value]
SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def client_and_secret(db: None) -> tuple[ApiClient, str]:
    return services.create_client(
        actor="test", now=NOW, name="办案系统", agency="110112-market", scopes=BOTH, per_minute=600
    )


def token(client: ApiClient, secret: str, scope: str = "") -> str:
    return services.issue_token(now=NOW, client_id=str(client.uuid), secret=secret, scope=scope)[0]


def test_a_client_gets_a_token_that_says_who_it_is(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    found = queries.find_bearer(token(client, secret), SOON)
    assert found is not None
    assert (found.client, found.agency, found.per_minute) == (str(client.uuid), "110112-market", 600)
    assert found.scopes == set(BOTH)


def test_a_token_may_ask_for_less(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    found = queries.find_bearer(token(client, secret, "gate.preview"), SOON)
    assert found is not None and found.scopes == {"gate.preview"}


def test_a_token_may_not_ask_for_more(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    with pytest.raises(Refused) as refused:
        token(client, secret, "gate.preview results.write")
    assert refused.value.codes == ("client.scope",)


@pytest.mark.parametrize("wrong", ["", "x", "\ud800", "\x00"])
def test_a_wrong_secret_is_refused(client_and_secret: tuple[ApiClient, str], wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        token(client_and_secret[0], wrong)
    assert refused.value.codes == ("client.unknown",)


@pytest.mark.parametrize("client_id", ["", "nobody", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_an_unknown_client_is_refused_in_the_same_words(db: None, client_id: str) -> None:
    with pytest.raises(Refused) as refused:
        services.issue_token(now=NOW, client_id=client_id, secret="x", scope="")
    assert refused.value.codes == ("client.unknown",)


def test_a_token_ends_after_its_hour(client_and_secret: tuple[ApiClient, str]) -> None:
    given = token(*client_and_secret)
    assert queries.find_bearer(given, NOW + timedelta(seconds=TOKEN_SECONDS - 1)) is not None
    assert queries.find_bearer(given, NOW + timedelta(seconds=TOKEN_SECONDS)) is None


def test_tokens_that_ended_are_cleared_away(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    token(client, secret)
    later = NOW + timedelta(hours=2)
    services.issue_token(now=later, client_id=str(client.uuid), secret=secret, scope="")
    assert AccessToken.objects.count() == 1


def test_a_revocation_is_seen_by_the_next_request(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    given = token(client, secret)
    services.revoke_client(actor="test", now=NOW, client=client)
    assert queries.find_bearer(given, SOON) is None
    with pytest.raises(Refused):
        token(client, secret)
    with pytest.raises(Refused) as refused:
        services.rotate_secret(actor="test", now=NOW, client=client)
    assert refused.value.codes == ("client.state",)


def test_a_new_secret_ends_the_old_one_and_its_tokens(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    given = token(client, secret)
    fresh = services.rotate_secret(actor="test", now=NOW, client=client)
    assert fresh != secret and queries.find_bearer(given, SOON) is None
    with pytest.raises(Refused):
        token(client, secret)
    assert queries.find_bearer(token(client, fresh), SOON) is not None


def test_a_token_with_more_than_is_left_ends_with_the_change(
    client_and_secret: tuple[ApiClient, str],
) -> None:
    client, secret = client_and_secret
    wide, narrow = token(client, secret), token(client, secret, "gate.preview")
    services.change_client(actor="test", now=NOW, client=client, scopes=["gate.preview"], per_minute=60)
    assert queries.find_bearer(wide, SOON) is None
    found = queries.find_bearer(narrow, SOON)
    assert found is not None and found.per_minute == 60


def test_neither_secret_nor_token_is_kept(client_and_secret: tuple[ApiClient, str]) -> None:
    client, secret = client_and_secret
    given = token(client, secret)
    kept = [str(row) for row in ApiClient.objects.values_list()]
    kept += [str(row) for row in AccessToken.objects.values_list()]
    kept += [str(row) for row in Entry.objects.values_list()]
    assert not any(secret in row or given in row for row in kept)


def test_every_change_of_a_client_is_in_the_ledger(client_and_secret: tuple[ApiClient, str]) -> None:
    client, _secret = client_and_secret
    services.change_client(actor="test", now=NOW, client=client, scopes=BOTH[:1], per_minute=60)
    services.rotate_secret(actor="test", now=NOW, client=client)
    services.revoke_client(actor="test", now=NOW, client=client)
    acts = Entry.objects.filter(subject=f"client:{client.uuid}").order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["client.made", "client.changed", "client.rotated", "client.revoked"]


def test_two_systems_of_an_agency_have_two_names(client_and_secret: tuple[ApiClient, str]) -> None:
    with pytest.raises(Refused) as refused:
        services.create_client(
            actor="test", now=NOW, name="办案系统", agency="110112-market", scopes=BOTH, per_minute=600
        )
    assert refused.value.codes == ("client.name-taken",)


def test_a_client_is_named_has_an_agency_and_may_do_something() -> None:
    codes = [reason.code for reason in rules.check_client(" ", "", [])]
    assert codes == ["client.name", "client.agency", "client.scopes"]
    assert rules.check_client("办案系统", "110112-market", ["no.such-scope"])
