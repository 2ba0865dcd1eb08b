"""The database under the tests is the one that the product needs."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_chinese_names_are_similar_to_themselves() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity('北京', '北京'), current_setting('server_encoding')")
        assert cursor.fetchone() == (1.0, "UTF8")


@pytest.mark.parametrize("time", ["first", "second"])
def test_rows_of_migrations_outlive_a_test_with_a_server(transactional_db: None, time: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_head")
        assert cursor.fetchone() == (1,), "see conftest.py: it is written again after each test with a server"
