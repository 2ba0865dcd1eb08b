"""Logs: one line of JSON per event on stderr. A request is one line, a job is one line; never a secret."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

JOB_ENDS = {
    "job_success": "succeeded",
    "job_error": "failed",
    "job_error_retry": "failed, to be tried again",
    "job_aborted": "aborted",
    "job_aborted_retry": "aborted, to be tried again",
}
"""procrastinate's names for the end of a job, and ours."""
SECRET_PATHS = ("/calendar/",)
"""What comes after these opens something by itself, and is left out."""


class JsonLine(logging.Formatter):
    """One record, one line: `at`, `level`, `event`, and what the record carries as `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if getattr(record, "action", None) in JOB_ENDS:
            line |= {"event": "job", **job_facts(record)}
        else:
            line |= {"event": record.getMessage(), **getattr(record, "facts", {})}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class OnlyJobEnds(logging.Filter):
    """procrastinate tells each step of a job; one line, at its end, is enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or getattr(record, "action", None) in JOB_ENDS


def job_facts(record: logging.LogRecord) -> dict[str, Any]:
    """What is logged of a job: never its arguments, which may be personal."""
    job = getattr(record, "job", {})
    duration = getattr(record, "duration", None)
    return {
        "task": job.get("task_name"),
        "job": job.get("id"),
        "queue": job.get("queue"),
        "attempts": job.get("attempts"),
        "result": JOB_ENDS[getattr(record, "action", "")],
        "ms": None if duration is None else round(duration * 1000, 1),
    }


def request_facts(request: HttpRequest, status: int, ms: float, queries: int, error: str) -> dict[str, Any]:
    """What is logged of a request: the path without its query, which may hold names and codes."""
    user = getattr(request, "_cached_user", None)  # not request.user: a log line makes no query
    facts: dict[str, Any] = {
        "request": getattr(request, "request_id", ""),
        "method": request.method,
        "path": next((f"{begin}…" for begin in SECRET_PATHS if request.path.startswith(begin)), request.path),
        "status": status,
        "ms": round(ms, 1),
        "queries": queries,
        "user": getattr(user, "pk", None),
    }
    if client := getattr(getattr(request, "auth", None), "actor", ""):  # who asks the API
        facts["client"] = client
    return {**facts, "error": error} if error else facts


def configuration(*, debug: bool) -> dict[str, Any]:
    """The LOGGING setting."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "yicha.site.logs.JsonLine"}},
        "filters": {"job_ends": {"()": "yicha.site.logs.OnlyJobEnds"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
            "jobs": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["job_ends"]},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "yicha": {"level": "DEBUG" if debug else "INFO"},
            "django": {"level": "WARNING"},
            # 404 and the like are in the request's own line; a traceback of a 500 is worth a second one.
            "django.request": {"level": "ERROR"},
            "procrastinate": {"handlers": ["jobs"], "level": "INFO", "propagate": False},
        },
    }
