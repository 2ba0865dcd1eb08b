"""E-mail, by Django's SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.utils import formatdate

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from yicha.base.messages.terms import Away, Channel, MailServer, NotSent, Outgoing, Tls, Undeliverable

SECONDS = 20
"""The longest that a mail server may keep silent."""


class EmailAdapter:
    """Hands messages to one mail server, over one connection for as many as there are."""

    channel = Channel.EMAIL

    def __init__(self, server: MailServer, host: str) -> None:
        """`host` is ours, for the message's id."""
        self._server, self._host = server, host
        self._backend = EmailBackend(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls is Tls.STARTTLS,
            use_ssl=server.tls is Tls.TLS,
            timeout=SECONDS,
        )

    def send(self, message: Outgoing) -> str:
        """Hand over one message. Its id is its reference, by which a mailbox drops a second copy."""
        name = f"<{message.reference}@{self._host}>"
        mail = EmailMessage(
            subject=" ".join(message.subject.split()),
            body=message.text,
            from_email=self._server.sender,
            to=[message.address],
            attachments=[(one.name, one.content, one.media_type) for one in message.attachments],
            headers={
                "Message-ID": name,
                "Date": formatdate(localtime=True),
                "Auto-Submitted": "auto-generated",
            },
        )
        try:
            self._backend.open()
            self._backend.send_messages([mail])
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            self.close()
            raise _explain(error) from None
        return name

    def close(self) -> None:
        """Say goodbye; a server that does not answer has said it already."""
        try:
            self._backend.close()
        except (smtplib.SMTPException, OSError):
            self._backend.connection = None


def _explain(error: Exception) -> NotSent:
    """What went wrong, as a code: what a server says may hold the address, and is not kept.

    A mailbox that is refused for good (5xx, RFC 5321 4.2.1) is not tried again; a sign-in that fails is ours to mend.
    """
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Away(f"smtp {error.smtp_code} sign-in")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = min(int(answer[0]) for answer in error.recipients.values())
        return Undeliverable(f"smtp {code}") if code >= 500 else NotSent(f"smtp {code}")
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        is_final = code >= 500 and isinstance(error, smtplib.SMTPDataError)
        return Undeliverable(f"smtp {code}") if is_final else NotSent(f"smtp {code}")
    return Away(f"no answer {type(error).__name__}")
