"""The way to a mail server and to a gateway is kept secret, and leads to nobody whose certificate is not trusted."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from yicha.base.messages.services.adapters.email import EmailAdapter
from yicha.base.messages.services.adapters.webhook import WebhookAdapter
from yicha.base.messages.terms import Channel, Hook, MailServer, NotSent, Outgoing, Tls
from yicha.base.messages.tests.authority import Authority, make_authority
from yicha.base.messages.tests.receivers import gateway, mail_server

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes or more").decode()
MESSAGE = Outgoing("shop@example.cn", "通知", "7月15日上午", "0d4c7f0e")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Its root is given to the product in the way that the guide says."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    return authority


def by_mail(port: int, tls: Tls, password: str = "right") -> str:
    adapter = EmailAdapter(
        MailServer("127.0.0.1", port, "yicha@example.cn", tls, "yicha", password), "example.cn"
    )
    try:
        return adapter.send(MESSAGE)
    finally:
        adapter.close()


def test_mail_goes_by_starttls_and_signs_in_there(trusted: Authority) -> None:
    with mail_server("right", starttls=trusted.context) as mailbox:
        assert by_mail(mailbox.port, Tls.STARTTLS) == "<0d4c7f0e@example.cn>"
        with pytest.raises(NotSent, match="smtp 535 sign-in"):
            by_mail(mailbox.port, Tls.STARTTLS, "wrong")
        with pytest.raises(NotSent):
            by_mail(mailbox.port, Tls.OFF)
    assert mailbox.recipients == ["shop@example.cn"]


def test_mail_goes_over_tls_from_the_first_byte(trusted: Authority) -> None:
    with mail_server(tls=trusted.context) as mailbox:
        adapter = EmailAdapter(
            MailServer("127.0.0.1", mailbox.port, "yicha@example.cn", Tls.TLS), "example.cn"
        )
        adapter.send(MESSAGE)
        adapter.close()
    assert mailbox.recipients == ["shop@example.cn"]


def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_neither_password_nor_letter(
    authority: Authority,
) -> None:
    untrusted = pytest.raises(NotSent, match="no answer SSLCertVerificationError")
    with mail_server("right", starttls=authority.context) as mailbox, untrusted:
        by_mail(mailbox.port, Tls.STARTTLS)
    assert mailbox.recipients == []


def test_a_gateway_of_a_private_authority_is_reached_by_https(trusted: Authority) -> None:
    with gateway(trusted.context) as found:
        assert WebhookAdapter(Channel.SMS, Hook(found.url, SECRET)).send(MESSAGE) == "gw-1"
    assert found.bodies[0]["data"]["to"] == "shop@example.cn"


def test_a_gateway_whose_certificate_nobody_vouches_for_gets_nothing(authority: Authority) -> None:
    untrusted = pytest.raises(NotSent, match="no answer SSLCertVerificationError")
    with gateway(authority.context) as found, untrusted:
        WebhookAdapter(Channel.SMS, Hook(found.url, SECRET)).send(MESSAGE)
    assert found.posts == []
