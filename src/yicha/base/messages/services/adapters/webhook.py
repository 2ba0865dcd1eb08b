"""SMS, robots and whatever else takes JSON by HTTP: one signed form for all (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
from urllib.parse import urlsplit

from yicha.base.messages import rules
from yicha.base.messages.terms import Attachment, Away, Channel, Hook, NotSent, Outgoing, Undeliverable
from yicha.kernel import clock

SECONDS = 15
"""The longest that the other side may keep silent."""
FINAL = frozenset({400, 410, 413, 422})
"""Answers that say that this message will never be taken; any other failure may be mended at the other side."""
SIGN_IN = frozenset({401, 403})
"""Answers that say that nothing is taken from us, whomever it is for."""
RECEIPT = 200


class WebhookAdapter:
    """Posts messages of one channel to one address. Redirects are not followed: a signature is for one reader."""

    def __init__(self, channel: Channel, hook: Hook) -> None:
        self.channel, self._hook = channel, hook

    def send(self, message: Outgoing) -> str:
        """Post one message; its id is its reference, by which the other side drops a second copy."""
        body = json.dumps(_payload(self.channel, message), ensure_ascii=False).encode()
        now = clock.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "yicha",
            "webhook-id": message.reference,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": rules.sign(self._hook.secret, message.reference, now, body),
        }
        status, answer = self._post(headers, body)
        if status in FINAL:
            raise Undeliverable(f"http {status}")
        if status in SIGN_IN:
            raise Away(f"http {status}")
        if not 200 <= status < 300:
            raise NotSent(f"http {status}")
        return _receipt(answer)

    def close(self) -> None:
        """Nothing is held between messages."""

    def _post(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(self._hook.url)
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = make(parts.hostname or "", parts.port, timeout=SECONDS)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(4096)
        except (http.client.HTTPException, ssl.SSLError, OSError) as error:
            raise Away(f"no answer {type(error).__name__}") from None
        finally:
            connection.close()


def _payload(channel: Channel, message: Outgoing) -> dict[str, object]:
    return {
        "type": f"message.{channel.value}",
        "data": {
            "to": message.address,
            "subject": message.subject,
            "text": message.text,
            "attachments": [_attached(one) for one in message.attachments],
        },
    }


def _attached(file: Attachment) -> dict[str, str]:
    return {
        "name": file.name,
        "media_type": file.media_type,
        "sha256": hashlib.sha256(file.content).hexdigest(),
        "content": base64.b64encode(file.content).decode(),
    }


def _receipt(answer: bytes) -> str:
    """The other side's own number of the message: `id` of its JSON, if it gives one."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    return str(found.get("id", ""))[:RECEIPT] if isinstance(found, dict) else ""
