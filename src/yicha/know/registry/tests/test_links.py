"""Enterprises that hang together: links by address, links from files, and people of whom nothing is kept."""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, Cast, enterprise
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.tests.files import bad_cells, check, load, put, text
from yicha.know.registry import queries, rules, services
from yicha.know.registry.models import Enterprise, EnterpriseLink, Premises

HEADERS = ("统一社会信用代码", "关联类型", "关联值")
NUMBER = "11010119800101123X"
PERSON = f"张三丰 {NUMBER}"


def rows_with(raw: str) -> list[str]:
    """The tables of the database in which a text stands anywhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [raw])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def settle(who: Enterprise, address: str, **more: str) -> None:
    Enterprise.objects.filter(pk=who.pk).update(address=address, **more)


def derive() -> int:
    return services.derive_links(actor="test", now=NOW)


def test_one_address_written_in_two_ways_is_one_premises() -> None:
    assert rules.premises_key("北京市通州区 景盛南四街１５号（2层）") == rules.premises_key(
        "北京市通州区景盛南四街15号(2层)"
    )
    assert rules.premises_key("马驹桥镇") == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("北京号室１5aＡ #（）-、　ﬁ①"), max_size=12))
def test_the_database_reads_an_address_as_the_rule_does(db: None, address: str) -> None:
    plain, numbered = rules.PLAIN_SQL.format(text="%(a)s"), rules.NUMBERED_SQL.format(text="%(p)s")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {plain.replace('%(a)s', '%(a)s::text')}", {"a": address})
        read = cursor.fetchone()[0]
        cursor.execute(f"SELECT {numbered}, encode(sha256(convert_to(%(p)s, 'UTF8')), 'hex')", {"p": read})
        is_numbered, key = cursor.fetchone()
    assert read == rules.plain_text(address)
    assert rules.premises_key(address) == (key if is_numbered else "")


def test_who_shares_an_address_is_linked_and_let_go_when_one_moves(cast: Cast) -> None:
    settle(cast.noodle_shop, "北京市通州区景盛南四街15号")
    settle(cast.paint_factory, "北京市通州区 景盛南四街１５号")
    settle(cast.chip_maker, "北京市大兴区瀛海镇")
    assert derive() == 2
    assert derive() == 0
    link = EnterpriseLink.objects.get(enterprise=cast.noodle_shop)
    assert list(queries.list_linked(link.kind, link.key)) == [cast.noodle_shop, cast.paint_factory]
    settle(cast.paint_factory, "北京市大兴区他处1号")
    derive()
    assert not EnterpriseLink.objects.exists()


def test_a_site_counts_as_much_as_the_registered_address(cast: Cast) -> None:
    settle(cast.noodle_shop, "北京市通州区景盛南四街15号")
    Premises.objects.create(enterprise=cast.paint_factory, name="库房", address="北京市通州区景盛南四街15号")
    assert derive() == 2


def test_who_closed_down_shares_nothing(cast: Cast) -> None:
    settle(cast.noodle_shop, "北京市通州区景盛南四街15号")
    settle(cast.paint_factory, "北京市通州区景盛南四街15号", status="cancelled")
    assert derive() == 0


def test_a_link_from_a_file_stays_when_addresses_are_compared(cast: Cast, tmp_path: Path) -> None:
    settle(cast.noodle_shop, "通州区1号")
    settle(cast.paint_factory, "通州区1号")
    derive()
    load(
        put(tmp_path, text([[cast.noodle_shop.uscc, "同一地址", "通州区1号"]], headers=HEADERS)),
        "enterprise-links",
    )
    settle(cast.paint_factory, "大兴区2号")
    derive()
    assert [link.enterprise for link in EnterpriseLink.objects.all()] == [cast.noodle_shop]


def test_a_file_brings_links_once_and_can_be_undone(cast: Cast, tmp_path: Path) -> None:
    rows = [
        [cast.noodle_shop.uscc, "供应商", "北京面粉厂"],
        [cast.paint_factory.uscc, "supplier", "北京 面粉厂"],
        [cast.chip_maker.uscc, "法定代表人", PERSON],
        [cast.noodle_shop.uscc, "负责人", f"{NUMBER.lower()}（张三丰）"],
    ]
    source = put(tmp_path, text(rows, headers=HEADERS))
    entry = load(source, "enterprise-links")
    assert (entry.rows_new, entry.rows_rejected) == (4, 0)
    keys = dict(EnterpriseLink.objects.values_list("enterprise__name", "kind").distinct())
    assert len(keys) == 3
    person = EnterpriseLink.objects.filter(kind="legal-representative")
    assert len({link.key for link in person}) == 1, "one number, however the cell is written"
    assert {link.words for link in person} == {""}
    again = check(source, "enterprise-links")
    assert (again.rows_new, again.rows_unchanged) == (0, 4)
    exchange.undo(entry, actor="test", now=NOW)
    assert not EnterpriseLink.objects.exists()


def test_of_a_person_nothing_is_in_the_database_at_any_step(cast: Cast, tmp_path: Path) -> None:
    rows = [
        [cast.noodle_shop.uscc, "法定代表人", PERSON],
        [cast.paint_factory.uscc, "法定代表人", f"  {PERSON} "],
        ["91110112MA0000000X", "法定代表人", PERSON],
        [cast.chip_maker.uscc, PERSON, PERSON],
        [PERSON, "法定代表人", PERSON],
        [cast.chip_maker.uscc, "法定代表人", f"{PERSON}{'长' * 400}"],
        [cast.chip_maker.uscc, "法定代表人", f"={PERSON}"],
        [cast.chip_maker.uscc, "法定代表人", PERSON, PERSON],
        [cast.chip_maker.uscc, "法定代表人", f"张三丰\x07{NUMBER}"],
    ]
    entry = check(put(tmp_path, text(rows, headers=HEADERS)), "enterprise-links")
    assert entry.rows_rejected == 7
    assert entry.staging, "the good rows wait in a table of their own"
    assert rows_with(NUMBER) == rows_with("张三丰") == []
    exchange.apply(entry, actor="test", now=NOW)
    assert EnterpriseLink.objects.count() == 2
    assert rows_with(NUMBER) == rows_with("张三丰") == []
    assert rows_with(EnterpriseLink.objects.all()[0].key), "the search finds what is there"


def test_a_name_alone_is_refused_and_so_is_an_address_without_a_number(cast: Cast, tmp_path: Path) -> None:
    rows = [
        [cast.noodle_shop.uscc, "法定代表人", "张三丰"],
        [cast.noodle_shop.uscc, "同一地址", "马驹桥镇"],
    ]
    entry = check(put(tmp_path, text(rows, headers=HEADERS)), "enterprise-links")
    assert bad_cells(entry) == [(2, "value", "link-person"), (3, "value", "link-premises")]


def test_another_secret_gives_another_key() -> None:
    assert rules.person_key(b"one", PERSON) != rules.person_key(b"two", PERSON)
    assert rules.person_key(b"one", PERSON) == rules.person_key(b"one", NUMBER.lower())
    assert len(rules.person_key(b"one", PERSON)) == 64


def test_derived_links_of_many_are_found_as_a_set(cast: Cast) -> None:
    for number in range(30):
        settle(enterprise(100 + number, f"北京{number}公司", "110112"), f"通州区{number % 10}号")
    assert derive() == 30
