"""How a table becomes credit records (see ingest/exchange, which finds this module by its name).

A row that is there already and says something else becomes the next version; nothing is written over.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import Aftermath, Completed, ImportKind, Prepared, Values
from yicha.know.credit.intake.columns import COLUMNS
from yicha.know.credit.intake.rows import complete
from yicha.know.credit.intake.target import SCOPES, fields_of, target_of
from yicha.know.credit.models import KINDS, SEVERITIES
from yicha.know.credit.services.records import reclassify_concerned
from yicha.know.credit.terms import RecordKind, Severity
from yicha.know.registry import queries as registry


def _prepare(columns: Sequence[str]) -> Prepared:
    fields = fields_of(set(columns))
    agencies = {agency.code: agency.pk for agency in registry.list_agencies()}
    enterprises: dict[str, int] = {}

    def load() -> None:
        enterprises.update(registry.list_enterprises().order_by().values_list("uscc", "pk").iterator(10_000))

    def complete_rows(values: Values, size: int) -> Completed:
        return complete(values, size, enterprises, agencies)

    return Prepared(fields, complete_rows, target_of(fields), SCOPES, load)


def _describe(field: str, value: object) -> str:
    if field == "kind" and value in set(RecordKind):
        return str(KINDS[RecordKind(str(value))])
    if field == "severity" and value in set(Severity):
        return str(SEVERITIES[Severity(str(value))])
    if field == "enterprise_id" and value is not None:
        return str(registry.list_enterprises().filter(pk=int(str(value))).first() or value)
    if field == "agency_id" and value is not None:
        return str(registry.list_agencies().filter(pk=int(str(value))).first() or value)
    return "" if value is None else str(value)


def _classify_touched(done: Aftermath) -> None:
    """The classes of all enterprises that the file touched, in the same transaction."""
    reclassify_concerned(actor=done.actor, now=done.now, concerned=done.concerned, because=done.subject)


CREDIT_RECORDS = ImportKind(
    name="credit-records",
    label=_("credit records"),
    key="code",
    columns=COLUMNS,
    prepare=_prepare,
    describe=_describe,
    after=_classify_touched,
)

exchange.register(CREDIT_RECORDS)
