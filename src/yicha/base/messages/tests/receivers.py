"""Real other sides: a mail server and a gateway on this machine that keep what they are given."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Mailbox:
    """A mail server. `answers` are said to the next recipients, one each; then everybody is taken."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 taken"


class AnyPort(Controller):
    """On a port that is free: the server is tried at the port that it got, not at the 0 that was asked for."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


class AnyTlsPort(AnyPort):
    """The same where TLS begins with the first byte; being tried, it shows its certificate to whoever asks."""

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, "127.0.0.1", 0, ssl=self.tls)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as plain, trusting.wrap_socket(plain) as one:
            one.recv(1024)

    tls: ssl.SSLContext


@contextmanager
def mail_server(
    password: str = "", starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Mailbox]:
    """A mail server that runs; with a password it wants a sign-in, and takes one over TLS alone where it has TLS."""
    mailbox = Mailbox()

    def sign_in(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password.decode() == password, handled=False)

    options: dict[str, Any] = {}
    if password:
        options = {
            "authenticator": sign_in,
            "auth_required": True,
            "auth_require_tls": starttls is not None,
        }
    if starttls:
        options |= {"tls_context": starttls, "require_starttls": True}
    controller: AnyPort
    if tls:
        controller = secret = AnyTlsPort(mailbox, hostname="127.0.0.1", port=0, **options)
        secret.tls = tls
    else:
        controller = AnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Gateway:
    """Takes what is posted. `statuses` are answered one after the other; then 200."""

    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.posts]


@contextmanager
def gateway(tls: ssl.SSLContext | None = None) -> Iterator[Gateway]:
    """A gateway that runs; over HTTPS with `tls`."""
    taken = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = taken.statuses.pop(0) if taken.statuses else 200
            answer = json.dumps({"id": f"gw-{len(taken.posts)}"}).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", taken.url)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    taken.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/in?key=robot-key"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
