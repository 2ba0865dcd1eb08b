"""DuckDB as the engine, the words it shares with Spark, results on their way back, and one hash for the same rows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st

from yicha.base.lake import services
from yicha.base.lake.rules import statements
from yicha.base.lake.rules.translation import to_spark
from yicha.base.lake.services import spark
from yicha.base.lake.services.duck import open_duck
from yicha.base.lake.terms import Column, ColumnType, Dataset, Small
from yicha.kernel.refusal import Refused

BIG, TEXT, TRUTH = ColumnType.BIGINT, ColumnType.VARCHAR, ColumnType.BOOLEAN
ROWS = [(1, "a\tb\\", True), (2, "", False), (3, None, None), (4, "企\n业\r", True)]
TABLE = Small((Column("id", BIG), Column("words", TEXT), Column("is_open", TRUTH)), ROWS)


def written(*, parts: int = 1, into: str = "results/engine") -> Dataset:
    """The rows above, in as many files."""
    with open_duck() as duck:
        found = [
            duck.compute(
                f"SELECT * FROM t WHERE id % {parts} = {number} ORDER BY id DESC",
                {},
                {"t": TABLE},
                into=f"{into}-{number}",
            )
            for number in range(parts)
        ]
    return Dataset(
        tuple(one.uris[0] for one in found),
        found[0].columns,
        sum(one.rows for one in found),
        tuple(one.hashes[0] for one in found),
    )


def test_a_result_has_the_columns_and_rows_of_its_statement() -> None:
    found = written()
    assert found.columns == TABLE.columns
    assert (found.rows, found.uris) == (4, ("results/engine-0/00000.parquet",))
    with open_duck() as duck:
        assert duck.fetch("SELECT * FROM r ORDER BY id", {"r": found}) == ROWS


def test_part_by_part_gives_what_all_at_once_gives() -> None:
    found = written(parts=2)
    statement = "SELECT a.id, count(*) AS number FROM a JOIN b USING (id) GROUP BY a.id"
    with open_duck() as duck:
        by_part = duck.compute(statement, {"a": found, "b": found}, into="results/by-part", by_part=True)
        at_once = duck.compute(statement, {"a": found, "b": found}, into="results/at-once")
    assert (len(by_part.uris), len(at_once.uris)) == (2, 1)
    assert services.digest(by_part, ["id"]) == services.digest(at_once, ["id"])


def test_part_by_part_wants_inputs_with_the_same_parts() -> None:
    with open_duck() as duck, pytest.raises(Refused) as refused:
        duck.compute(
            "SELECT a.id FROM a", {"a": written(parts=2), "b": written()}, into="results/no", by_part=True
        )
    assert refused.value.codes == ("lake.parts",)


def test_a_result_replaces_the_one_before() -> None:
    with open_duck() as duck:
        first = duck.compute("SELECT id FROM a", {"a": written(parts=2)}, into="results/again", by_part=True)
        second = duck.compute("SELECT id FROM a", {"a": written()}, into="results/again")
        assert (len(first.uris), len(second.uris)) == (2, 1)
        with pytest.raises(Refused):
            duck.fetch("SELECT id FROM a", {"a": first})


def test_large_small_tables_arrive_whole() -> None:
    table = Small((Column("n", BIG),), [(number,) for number in range(25_001)])
    with open_duck() as duck:
        assert duck.fetch("SELECT count(*) AS c, max(n) AS m FROM t", {}, {"t": table}) == [(25_001, 25_000)]


def test_names_of_one_statement_are_not_those_of_the_next() -> None:
    with open_duck() as duck:
        duck.fetch("SELECT id FROM t", {}, {"t": TABLE})
        with pytest.raises(Exception, match="does not exist"):
            duck.fetch("SELECT id FROM t", {}, {})
        duck.fetch("SELECT id FROM t", {"t": written()})
        with pytest.raises(Exception, match="does not exist"):
            duck.fetch("SELECT id FROM t", {}, {})


@pytest.mark.parametrize("words", ["sum(id)", "avg(id)", "id / 2", "CURRENT_DATE", "[id]", "id::DOUBLE"])
def test_a_result_of_another_type_is_refused(words: str) -> None:
    with open_duck() as duck:
        for by_fetch in (True, False):
            with pytest.raises(Refused) as refused:
                statement = (
                    f"SELECT {words} AS found FROM t GROUP BY ALL"
                    if "(" in words
                    else f"SELECT {words} AS found FROM t"
                )
                if by_fetch:
                    duck.fetch(statement, {}, {"t": TABLE})
                else:
                    duck.compute(statement, {}, {"t": TABLE}, into="results/type")
            assert refused.value.codes == ("lake.type",)


def test_a_result_that_is_kept_has_names() -> None:
    with open_duck() as duck, pytest.raises(Refused) as refused:
        duck.compute("SELECT count(*) FROM t", {}, {"t": TABLE}, into="results/name")
    assert refused.value.codes == ("lake.name",)


def test_a_result_stays_in_the_lake() -> None:
    with open_duck() as duck, pytest.raises(Refused) as refused:
        duck.compute("SELECT id FROM t", {}, {"t": TABLE}, into="../outside")
    assert refused.value.codes == ("lake.path",)


def test_the_digest_is_of_canonical_lines_in_order() -> None:
    lines = "1\ta\\tb\\\\\tt\n2\t\tf\n3\t\\N\t\\N\n4\t企\\n业\\r\tt\n"
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert services.digest(written(), ["id"]) == expected
    assert services.digest(written(parts=3), ["id"]) == expected


@rules(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", codec="utf-8"))),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_no_two_tables_have_the_same_lines(rows: list[tuple[str | None, bool]]) -> None:
    """What a line says can be read back: values never run into each other."""
    columns = (Column("n", BIG), Column("words", TEXT), Column("truth", TRUTH))
    table = Small(columns, [(number, *row) for number, row in enumerate(rows)])
    with open_duck() as duck:
        statement = statements.digest_lines("SELECT * FROM t", columns, ["n"])
        lines = [str(row[0]) for row in duck.fetch(statement, {}, {"t": table})]
    unescaped = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
    for number, (line, (words, truth)) in enumerate(zip(lines, rows, strict=True)):
        first, text, last = line.split("\t")
        assert (first, last) == (str(number), "t" if truth else "f")
        pairs = [text[at : at + 2] for at in range(0, len(text), 2)]
        if words is None:
            assert text == "\\N"
        elif pairs and all(pair in unescaped for pair in pairs):
            assert "".join(unescaped[pair] for pair in pairs) == words
        else:
            assert "\n" not in text and "\r" not in text and text != "\\N"


def test_results_come_back_as_they_are(db: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE back (id bigint, words text, is_open boolean) ON COMMIT DROP")
        assert services.copy_back(written(parts=2), ["words", "is_open", "id"], "back", cursor) == 4
        cursor.execute("SELECT id, words, is_open FROM back ORDER BY id")
        assert cursor.fetchall() == ROWS


def test_nothing_comes_back_from_nothing(db: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE back (id bigint) ON COMMIT DROP")
        assert services.copy_back(Dataset((), TABLE.columns, 0), ["id"], "back", cursor) == 0


def test_a_table_that_does_not_take_the_rows_says_so(db: None) -> None:
    with pytest.raises(Exception, match="null value"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE back (words text NOT NULL) ON COMMIT DROP")
        services.copy_back(written(), ["words"], "back", cursor)


def test_rows_that_cannot_be_read_are_not_half_a_result(db: None, tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 this is no file of that kind PAR1")
    dataset = Dataset((str(broken),), TABLE.columns, 4)
    with (
        pytest.raises(Exception, match=r"broken\.parquet"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE TEMP TABLE back (id bigint) ON COMMIT DROP")
        services.copy_back(dataset, ["id"], "back", cursor)


@pytest.mark.parametrize("words", ["hash(id)", "printf('%d', id)", "my_own(id)"])
def test_a_function_that_sqlglot_does_not_know_is_not_said_in_sparks_words(words: str) -> None:
    with pytest.raises(Refused) as refused:
        to_spark(f"SELECT {words} FROM t")
    assert refused.value.codes == ("lake.untranslatable",)
    assert words.split("(")[0] in str(refused.value)


@pytest.mark.parametrize("statement", ["SELECT FROM WHERE", "SELECT ("])
def test_what_is_no_statement_is_refused(statement: str) -> None:
    with pytest.raises(Refused) as refused:
        to_spark(statement)
    assert refused.value.codes == ("lake.untranslatable",)


def test_words_of_spark() -> None:
    assert to_spark("SELECT a // 7 AS x, sum_no_overflow(b) AS y FROM t GROUP BY a") == (
        "SELECT a DIV 7 AS x, SUM(b) AS y FROM t GROUP BY a"
    )


def test_spark_without_pyspark_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    monkeypatch.setattr(spark, "java_version", lambda: 17)
    assert refusal_of("spark://127.0.0.1:7077") == (("lake.no-pyspark",), "pip install 'yicha[spark]'")


@pytest.mark.parametrize("found", [0, 11])
def test_spark_without_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch, found: int) -> None:
    monkeypatch.setattr(spark, "java_version", lambda: found)
    assert refusal_of("local-cluster[2,1,1024]") == (
        ("lake.no-java",),
        "apt-get install openjdk-17-jre-headless",
    )


def refusal_of(master: str) -> tuple[tuple[str, ...], str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "YICHA", replace(settings.YICHA, engine=master))
        with pytest.raises(Refused) as refused, services.open_engine():
            pass
    advice = next(
        words
        for words in ("pip install 'yicha[spark]'", "apt-get install openjdk-17-jre-headless")
        if words in str(refused.value)
    )
    return refused.value.codes, advice


def test_a_java_that_is_not_there_has_no_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert spark.java_version() == 0
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spark.java_version() == 0
