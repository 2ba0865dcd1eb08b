from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import Cast
from yicha.know.agreement import queries


@pytest.mark.django_db
def test_without_an_agreement_nothing_crosses() -> None:
    assert queries.list_agreement_facts() == []
    assert queries.list_equivalences() == []
    assert queries.list_rulings() == []


def test_consents_are_one_scalar_of_json(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {queries.CONSENTS_SQL} FROM registry_enterprise e, "
            "(SELECT %s::bigint AS agency_id, '2026-07-01'::date AS from_on) a WHERE e.uscc = %s",
            [cast.agency_a.pk, cast.paint_factory.uscc],
        )
        assert cursor.fetchone() == ("[]",)
