"""Applying, undoing, and what stands in their way."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.cast import Cast
from yicha.base.ledger import queries as ledger
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.models import HeaderMapping, Import, ImportedRow
from yicha.ingest.exchange.tests.files import HEADERS, NOW, check, code, load, put, row, text
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Enterprise, Premises


def undo(entry: Import) -> Import:
    return services.undo(entry, actor="test", now=NOW)


def apply(entry: Import) -> Import:
    return services.apply(entry, actor="test", now=NOW)


def counts(entry: Import) -> tuple[int | None, ...]:
    return entry.rows, entry.rows_new, entry.rows_changed, entry.rows_unchanged, entry.rows_rejected


def test_the_check_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    before = Enterprise.objects.count()
    entry = check(put(tmp_path, text([row(11), row(12)])))
    assert (entry.state, counts(entry)) == ("checked", (2, 2, 0, 0, 0))
    assert Enterprise.objects.count() == before


def test_the_same_file_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    source = put(tmp_path, text([row(11), row(12)]))
    load(source)
    versions = set(Enterprise.objects.extra(select={"v": "xmin::text"}).values_list("uscc", "v"))
    again = load(source)
    assert counts(again) == (2, 0, 0, 2, 0)
    assert set(Enterprise.objects.extra(select={"v": "xmin::text"}).values_list("uscc", "v")) == versions


def test_changed_cells_are_shown_before_and_after(cast: Cast, tmp_path: Path) -> None:
    load(put(tmp_path, text([row(11), row(12)])))
    entry = check(put(tmp_path, text([row(11), row(12, name="北京新名公司", date="2004-01-01"), row(13)])))
    assert counts(entry) == (3, 1, 1, 1, 0)
    (change,) = queries.list_changes(entry)
    assert (change.row_no, change.key) == (3, code(12))
    assert change.before == {
        "name": "北京第12号商贸有限公司",
        "initials": "bjd12hsmyxgs",
        "registered_on": "2003-08-14",
    }
    assert change.after == {"name": "北京新名公司", "initials": "bjxmgs", "registered_on": "2004-01-01"}
    (fresh,) = queries.list_fresh(entry)
    assert (fresh.row_no, fresh.key, fresh.before) == (4, code(13), None)


def test_a_column_that_the_file_lacks_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    load(put(tmp_path, text([[*row(11), "D", "C2641"]], headers=(*HEADERS, "风险分类", "行业代码"))))
    apply(check(put(tmp_path, text([row(11)[:2]], headers=HEADERS[:2]))))
    found = Enterprise.objects.get(uscc=code(11))
    assert (found.risk_class, found.industry, found.kind) == ("D", "C2641", "company")
    entry = check(put(tmp_path, text([[*row(11), "", ""]], headers=(*HEADERS, "风险分类", "行业代码"))))
    apply(entry)
    found.refresh_from_db()
    assert (found.risk_class, found.industry) == ("D", "")


def test_undo_puts_back_what_was(cast: Cast, tmp_path: Path) -> None:
    load(put(tmp_path, text([row(11), row(12)])))
    before = list(Enterprise.objects.order_by("uscc").values())
    entry = load(
        put(tmp_path, text([row(11, name="北京改名公司", address="北京市大兴区1号"), row(12), row(13)]))
    )
    assert counts(entry) == (3, 1, 1, 1, 0)
    undone = undo(entry)
    assert undone.state == "undone"
    assert list(Enterprise.objects.order_by("uscc").values()) == before
    assert not ImportedRow.objects.filter(source=entry).exists()


def test_undo_is_refused_by_name_when_a_row_was_touched_since(cast: Cast, tmp_path: Path) -> None:
    entry = load(put(tmp_path, text([row(11), row(12)])))
    Enterprise.objects.filter(uscc=code(12)).update(risk_class="D")
    with pytest.raises(Refused) as refused:
        undo(entry)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.facts) == ("import.touched-since", {"count": 1, "rows": code(12)})
    assert Enterprise.objects.filter(uscc=code(11)).exists()


def test_undo_is_refused_when_a_later_import_changed_the_rows(cast: Cast, tmp_path: Path) -> None:
    first = load(put(tmp_path, text([row(11), row(12)])))
    second = load(put(tmp_path, text([row(11, name="北京改名公司")])))
    with pytest.raises(Refused, match=code(11)):
        undo(first)
    undo(second)
    assert undo(first).state == "undone"


def test_undo_is_refused_by_name_when_a_new_row_is_in_use(cast: Cast, tmp_path: Path) -> None:
    entry = load(put(tmp_path, text([row(11), row(12)])))
    Premises.objects.create(enterprise=Enterprise.objects.get(uscc=code(11)), name="分店", address="某地")
    with pytest.raises(Refused) as refused:
        undo(entry)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.facts) == ("import.in-use", {"rows": code(11)})


def test_applying_is_refused_when_the_register_has_changed_since_the_check(
    cast: Cast, tmp_path: Path
) -> None:
    first = check(put(tmp_path, text([row(11)])))
    load(put(tmp_path, text([row(11)]), "other.csv"))
    with pytest.raises(Refused) as refused:
        apply(first)
    assert refused.value.codes == ("import.check-again",)


def test_applying_is_refused_when_the_checked_rows_are_gone(cast: Cast, tmp_path: Path) -> None:
    entry = check(put(tmp_path, text([row(11)])))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {entry.staging}")
    with pytest.raises(Refused) as refused:
        apply(entry)
    assert refused.value.codes == ("import.check-again",)


@pytest.mark.parametrize("act", ["apply", "undo", "check"])
def test_an_act_out_of_turn_is_refused(cast: Cast, tmp_path: Path, act: str) -> None:
    source = put(tmp_path, text([row(11)]))
    entry = services.discard(check(source))
    with pytest.raises(Refused) as refused:
        if act == "check":
            services.check(entry, source, actor="test", now=NOW)
        else:
            {"apply": apply, "undo": undo}[act](entry)
    assert refused.value.codes == ("import.state",)


def test_each_act_is_in_the_ledger_and_no_cell_is(cast: Cast, tmp_path: Path) -> None:
    entry = undo(load(put(tmp_path, text([row(11)]))))
    acts = ledger.list_entries_of(f"import:{entry.uuid}")
    assert {one.act for one in acts} == {"import.applied", "import.undone"}
    assert all("北京" not in str(one.body) and one.body["rows"] == 1 for one in acts)


def test_a_mapping_that_worked_is_remembered_for_the_same_headers(cast: Cast, tmp_path: Path) -> None:
    headers = ("店名", "代号", "开张")
    rows = [row(11)[:3], row(12)[:3]]
    source = put(tmp_path, text(rows, headers=headers))
    with pytest.raises(Refused) as refused:
        check(source)
    assert refused.value.codes == ("import.column-absent", "import.column-absent")
    first = check(source, mapping={"店名": "name", "代号": "uscc", "开张": ""})
    assert counts(first) == (2, 2, 0, 0, 0)
    shuffled = put(
        tmp_path, text([[cells[2], cells[0], cells[1]] for cells in rows], headers=("开张", "店名", "代号"))
    )
    assert check(shuffled).columns == ["uscc", "name"]
    assert HeaderMapping.objects.get().mapping["代号"] == "uscc"


def test_a_mapping_to_no_column_is_refused(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        check(put(tmp_path, text([row(11)])), mapping={"企业名称": "nonsense"})
    assert "import.mapping" in refused.value.codes


def test_an_upload_is_kept_until_it_is_applied(
    cast: Cast, tmp_path: Path, settings: object, django_capture_on_commit_callbacks: object
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    pieces = [text([row(11)]).encode()]
    entry = services.receive_upload("enterprises", "../a\\b/名单.csv", pieces, actor="test", now=NOW)
    assert entry.file_name == "名单.csv"
    source = services.source_of(entry)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        apply(services.check(entry, source, actor="test", now=NOW))
    assert not source.path.exists()
    with pytest.raises(Refused, match="no longer here"):
        services.source_of(entry)


def test_indexes_and_foreign_keys_are_back_after_a_first_load(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def definitions() -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = 'registry_enterprise' ORDER BY 1"
            )
            found = cursor.fetchall()
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid), convalidated::text FROM pg_constraint "
                "WHERE conrelid = 'registry_enterprise'::regclass ORDER BY 1"
            )
            return [*found, *cursor.fetchall()]

    before = definitions()
    monkeypatch.setattr("yicha.ingest.exchange.services.bulk.MANY", 3)
    assert counts(load(put(tmp_path, text([row(number) for number in range(11, 31)])))) == (20, 20, 0, 0, 0)
    assert definitions() == before
