"""What the database holds: nothing, a demonstration, or something that is nobody's to throw away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from yicha.base.ledger import queries as ledger_queries
from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, Refused

SUBJECT = "demonstration"
BEGUN, DONE = "demonstration.begun", "demonstration.done"
ACTOR = "demonstration"
"""The name in the ledger for what the demonstration does in everybody's place."""


class Content(StrEnum):
    """What is in the database."""

    NOTHING = "nothing"
    OTHER = "other"
    UNFINISHED = "unfinished"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Found:
    """What is in the database; `parameters` are those of the demonstration that it holds."""

    content: Content
    parameters: Mapping[str, str]


def look() -> Found:
    """Say what is in the database, by the demonstration's own entries in the ledger."""
    entries = {entry.act: entry for entry in ledger_queries.list_entries_of(SUBJECT)}
    if BEGUN in entries:
        body = entries[BEGUN].body
        parameters = {str(key): str(value) for key, value in body.items()} if isinstance(body, dict) else {}
        return Found(Content.FINISHED if DONE in entries else Content.UNFINISHED, parameters)
    return Found(Content.OTHER if ledger_queries.count_entries() else Content.NOTHING, {})


def begin(parameters: Mapping[str, str], now: datetime) -> None:
    """Mark the database as a demonstration, before anything else is written."""
    with transaction.atomic():
        ledger.append(actor=ACTOR, now=now, act=BEGUN, subject=SUBJECT, body=dict(parameters))


def hasten() -> None:
    """Let this session's commits not wait for the disk: a demonstration that a power cut spoils is made anew."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")


def finish(numbers: Mapping[str, int], now: datetime) -> None:
    """Mark the demonstration as complete, with what came of it."""
    with transaction.atomic():
        ledger.append(actor=ACTOR, now=now, act=DONE, subject=SUBJECT, body=dict(numbers))


def numbers() -> dict[str, int]:
    """What came of the demonstration that the database holds."""
    for entry in ledger_queries.list_entries_of(SUBJECT):
        if entry.act == DONE and isinstance(entry.body, dict):
            return {str(key): int(str(value)) for key, value in entry.body.items()}
    return {}


def refuse_other() -> None:
    """Never touch a database that holds anything but a demonstration."""
    raise Refused(
        [
            Reason(
                "demo.other-data",
                "This database holds data that is not a demonstration's, and is left alone: "
                "set YICHA_VAR (or DATABASE_URL) to another place for the demonstration.",
            )
        ]
    )


def reset() -> None:
    """Remove a demonstration with everything in its database, and make the tables anew."""
    if look().content is Content.OTHER:
        refuse_other()
    try:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    except DatabaseError as error:
        raise Refused(
            [
                Reason(
                    "demo.reset",
                    "The demonstration's tables cannot be removed (%(why)s): use a database that this user owns.",
                    facts={"why": " ".join(str(error).split()).rstrip(".")},
                )
            ]
        ) from error
    connection.close()
    call_command("migrate", verbosity=0)
