"""A planner sends a file: mapping, check, apply, undo; a job for a large one; and who may not."""

from __future__ import annotations

import io
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate import testing
from procrastinate.contrib.django import procrastinate_app
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from yicha.ingest.exchange.models import HeaderMapping, Import
from yicha.ingest.exchange.tests.files import HEADERS, code, row, text
from yicha.know.registry.models import Enterprise


@pytest.fixture(autouse=True)
def files_go_to_a_folder_of_the_test(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def planner(cast: Cast, client: Client) -> Client:
    client.force_login(cast.coordinator)
    return client


def send(client: Client, content: str, name: str = "名单.csv", kind: str = "enterprises") -> Import:
    file = SimpleUploadedFile(name, content.encode())
    response = client.post("/desk/imports/new/", {"kind": kind, "file": file, "encoding": ""})
    assert response.status_code == 302, response.content.decode()
    return Import.objects.latest("id")


def do(client: Client, entry: Import, act: str, status: int = 302) -> str:
    response = client.post(f"/desk/imports/{entry.uuid}/do/{act}/", follow=status == 302)
    assert response.status_code == (200 if status == 302 else status)
    entry.refresh_from_db()
    return response.content.decode()


def see(client: Client, entry: Import, tab: str = "") -> str:
    response = client.get(f"/desk/imports/{entry.uuid}/{tab + '/' if tab else ''}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_file_is_checked_applied_and_undone(planner: Client) -> None:
    entry = send(planner, text([row(11), row(12, date="2003-13-01")]))
    assert (entry.state, entry.rows_new, entry.rows_rejected) == ("checked", 1, 1)
    assert "2003-13-01" in see(planner, entry, "rejected")
    assert code(11) in see(planner, entry, "new")
    assert see(planner, entry, "changed") and see(planner, entry, "headers")
    do(planner, entry, "apply")
    assert Enterprise.objects.filter(uscc=code(11)).exists()
    do(planner, entry, "undo")
    assert entry.state == "undone" and not Enterprise.objects.filter(uscc=code(11)).exists()
    assert planner.get("/desk/imports/?state=undone").status_code == 200


def test_the_changed_cells_are_seen_before_they_change(planner: Client) -> None:
    do(planner, send(planner, text([row(11)])), "apply")
    entry = send(planner, text([row(11, name="北京新名公司", address="北京市大兴区1号")]))
    page = see(planner, entry, "changed")
    assert "北京新名公司" in page and "大兴区" in page and "通州区" in page


def test_unknown_headers_are_mapped_and_remembered(planner: Client) -> None:
    content = text([row(11)[:2]], headers=("店名", "代号"))
    entry = send(planner, content)
    assert entry.state == "received"
    address = f"/desk/imports/{entry.uuid}/do/mapping/"
    assert "店名" in planner.get(address).content.decode()
    assert planner.post(address, {"header_0": "name", "header_1": "-"}).status_code == 409
    assert planner.post(address, {"header_0": "name", "header_1": "uscc"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.rows_new) == ("checked", 1)
    assert HeaderMapping.objects.get().mapping == {"店名": "name", "代号": "uscc"}
    assert send(planner, content).state == "checked"


def test_what_is_no_table_is_refused_where_it_was_sent(planner: Client) -> None:
    file = SimpleUploadedFile("a.csv", b"\x89PNG\r\n\x1a\n123")
    response = planner.post("/desk/imports/new/", {"kind": "enterprises", "file": file})
    assert response.status_code == 409
    assert Import.objects.get().state == "discarded"


def test_a_file_that_the_check_refuses_says_why_on_its_page(planner: Client) -> None:
    entry = send(planner, text([]))
    assert entry.state == "refused"
    assert "名单.csv" in see(planner, entry)
    do(planner, entry, "discard")
    assert entry.state == "discarded"


def test_the_error_workbook_has_the_rejected_rows_and_why(planner: Client) -> None:
    entry = send(planner, text([row(11), row(12, name="=1+1"), row(13, date="x", kind="外星")]))
    response = planner.get(f"/desk/imports/{entry.uuid}/do/report/")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response))).get_sheet_by_index(0).to_python()
    assert [str(cell) for cell in sheet[0][2:]] == list(HEADERS)
    assert [int(float(str(line[0]))) for line in sheet[1:]] == [3, 4]
    assert sheet[1][2] == "=1+1" and str(sheet[2][1]).count("\n") == 1


def test_personal_values_are_masked_on_pages(planner: Client) -> None:
    headers = ("执法证号", "姓名", "部门代码", "有效期起", "有效期至")
    rows = [
        ["BJ-778899", "欧阳某某", "110112-fire", "2024-01-01", "x"],
        ["BJ 77@8899", "=欧阳", "110112-fire", "", ""],
    ]
    entry = send(
        planner,
        text([["BJ-55", "司马某", "110112-fire", "2024-01-01", "2028-01-01"], *rows], headers=headers),
        kind="officers",
    )
    for tab in ("new", "rejected"):
        page = see(planner, entry, tab)
        assert "欧阳" not in page and "司马" not in page and "778899" not in page


def test_a_large_file_is_a_job_with_a_progress_bar(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yicha.doors.desk.imports.acts.PATIENCE_BYTES", 10)
    with procrastinate_app.current_app.replace_connector(testing.InMemoryConnector()):
        entry = send(planner, text([row(11)]))
    assert entry.state == "checking"
    assert "progress" in see(planner, entry)
    fragment = planner.get(f"/desk/imports/{entry.uuid}/do/progress/")
    assert "<progress" in fragment.content.decode()
    entry.progress.act = ""
    entry.progress.save()
    assert planner.get(f"/desk/imports/{entry.uuid}/do/progress/")["HX-Refresh"] == "true"


@pytest.mark.parametrize("who", ["stranger", "owner", "officer_a"])
@pytest.mark.parametrize("page", ["", "new/", "{uuid}/", "{uuid}/rejected/", "{uuid}/do/report/"])
def test_who_may_not_import_sees_nothing(cast: Cast, client: Client, who: str, page: str) -> None:
    client.force_login(cast.coordinator)
    entry = send(client, text([row(11)]))
    client.force_login(getattr(cast, who))
    assert client.get(f"/desk/imports/{page.format(uuid=entry.uuid)}").status_code == 404
    assert client.post(f"/desk/imports/{entry.uuid}/do/apply/").status_code == 404


def test_a_missing_import_answers_the_same(planner: Client) -> None:
    assert planner.get(f"/desk/imports/{uuid4()}/").status_code == 404


def test_a_planner_of_one_region_cannot_apply_rows_of_another(cast: Cast, client: Client) -> None:
    client.force_login(cast.planner)
    entry = send(client, text([row(11), row(12, address="北京市大兴区1号")]))
    assert "110115" in do(client, entry, "apply", 409)
    assert entry.state == "checked"
    own = send(client, text([row(11)]))
    do(client, own, "apply")
    assert own.state == "applied"
