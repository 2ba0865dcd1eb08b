"""What happens to every request, outermost first (the order is in settings.MIDDLEWARE)."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.kernel.refusal import NotFound, Reason, Refused
from yicha.site.errors import refused_response
from yicha.site.logs import request_facts

GetResponse = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("yicha.request")


def content_security(pictures: str = "") -> str:
    """The policy of a page. `pictures` is the one origin from which it may load pictures beside our own."""
    return "; ".join(
        (
            "default-src 'self'",
            f"img-src 'self' data: blob: {pictures}".rstrip(),
            "font-src 'self' data:",
            "style-src 'self'",
            "script-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY = content_security()
"""No inline script or style, nothing from elsewhere: a page that was tricked into holding a script runs none."""

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=()"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class RequestLog:
    """One line per request, with a request id that the answer carries too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        begun = time.perf_counter()
        queries = 0

        def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        error = getattr(request, "failure", "")
        facts = request_facts(
            request, response.status_code, (time.perf_counter() - begun) * 1000, queries, error
        )
        log.log(
            logging.ERROR if response.status_code >= 500 else logging.INFO, "request", extra={"facts": facts}
        )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """The name of what went wrong, for the request's line."""
        request.failure = type(exception).__name__  # type: ignore[attr-defined]


class Headers:
    """Headers of safety that Django does not set."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # A page with a map says so, and only then may pictures come from where its tiles are.
        with_map = getattr(response, "shows_map", False)
        policy = content_security(settings.YICHA.map_origin) if with_map else CONTENT_SECURITY
        response.setdefault("Content-Security-Policy", policy)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class UploadLimit:
    """Refuses a body that is larger than YICHA_UPLOAD_MB before a byte of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.YICHA.upload_bytes
        if length.isdigit() and int(length) > limit:
            reason = Reason(
                "request.too-large",
                "The file is larger than %(limit)s MB: split it.",
                facts={"limit": limit // 1024 // 1024},
            )
            return refused_response(request, Refused([reason]), status=413)
        return self.get_response(request)


class Language:
    """The language of the cookie, else of the installation: a browser's own wishes do not count."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.setdefault("Content-Language", language)
        return response


class Refusals:
    """Turns what services raise into pages: `Refused` in its one shape, `NotFound` into 404."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called by Django with what a view raised."""
        if isinstance(exception, Refused):
            return refused_response(request, exception)
        if isinstance(exception, NotFound):
            raise Http404(_("There is no such page, or it is not yours.")) from exception
        return None


class WriteOnRead(RuntimeError):
    """A GET tried to change the database: a mistake in our code, never the visitor's."""


class ReadsOnly:
    """While a safe method is answered, the database accepts reading statements only.

    It stands innermost: sessions and messages, which middleware outside saves, are not its matter.
    The tables of sessions and of the cache may be written inside too (sign-in counts failures there).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in SAFE_METHODS:
            return self.get_response(request)
        with connection.execute_wrapper(refuse_writes):
            return self.get_response(request)


_READS = re.compile(
    r"(SELECT|EXPLAIN|VALUES|SHOW|FETCH|DECLARE|CLOSE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|TABLE"
    r"|SET\s+(LOCAL\s+)?(TRANSACTION|CONSTRAINTS|STATEMENT_TIMEOUT)\b)",
    re.IGNORECASE,
)
_WRITES_INSIDE = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?[\"\w.]+\s+SET|DELETE\s+FROM|MERGE\s+INTO|SELECT\s.*\sINTO\s+TEMP"
    r"|NEXTVAL|SETVAL|EXPLAIN\s+ANALY[SZ]E)\b",
    re.IGNORECASE | re.DOTALL,
)
_TECHNICAL = re.compile(
    r"(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(django_session|yicha_cache)\b\"?", re.IGNORECASE
)
_NO_MATTER = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


def may_run_on_read(sql: str) -> bool:
    """Whether a statement changes nothing, or only the tables of sessions and cache."""
    bare = _NO_MATTER.sub(" ", sql).strip().lstrip("(").lstrip()
    if _TECHNICAL.match(bare):
        return True
    if ";" in bare.rstrip("; \n"):
        return all(may_run_on_read(part) for part in bare.split(";") if part.strip())
    reads = _READS.match(bare) or re.match(r"WITH\b", bare, re.IGNORECASE)
    return bool(reads) and not _WRITES_INSIDE.search(bare)


def refuse_writes(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    """An execute wrapper (see Django's `connection.execute_wrapper`) that lets only reading through."""
    text = (
        sql if isinstance(sql, str) else str(sql.as_string(None)) if hasattr(sql, "as_string") else str(sql)
    )
    if not may_run_on_read(text):
        raise WriteOnRead(f"A reading request tried to write: {text[:80]}")
    return execute(sql, params, many, context)
