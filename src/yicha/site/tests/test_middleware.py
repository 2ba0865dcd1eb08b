"""Every request: one line in the log, headers of safety, its language, refusals in one shape, no write on GET."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from pytest_django import Settings

from yicha.base.accounts.models import User
from yicha.kernel.refusal import NotFound, Reason, Refused
from yicha.site import environment
from yicha.site.logs import JsonLine, OnlyJobEnds
from yicha.site.middleware import Headers, WriteOnRead, may_run_on_read

STATE = Reason("draw.state", "“%(act)s” is not possible.", "DRAW 3", {"act": "freeze"})
INPUT = Reason("draw.count", "The number is missing.", at_field="count")


def _refuse_state(request: HttpRequest) -> HttpResponse:
    raise Refused([STATE])


def _refuse_input(request: HttpRequest) -> HttpResponse:
    raise Refused([STATE, INPUT])


def _missing(request: HttpRequest) -> HttpResponse:
    raise NotFound


def _write(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        User.objects.create(username="made-by-get")
    return HttpResponse("done")


def _read(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = User.objects.count()
    return HttpResponse("done")


def _break(request: HttpRequest) -> HttpResponse:
    raise ValueError("boom")


urlpatterns = [
    path("state", _refuse_state),
    path("input", _refuse_input),
    path("missing", _missing),
    path("write", _write),
    path("read", _read),
    path("break", _break),
]


@pytest.fixture
def site(settings: Settings, db: None) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("where", "status"), [("/state", 409), ("/input", 422)])
def test_a_refusal_is_a_problem_document_for_a_program(site: Client, where: str, status: int) -> None:
    answer = site.get(where, headers={"accept": "application/problem+json"})
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["status"] == status
    assert body["reasons"][0] == {
        "code": "draw.state",
        "sentence": "“freeze” is not possible.",
        "source": "DRAW 3",
        "at_field": "",
    }


def test_what_is_missing_and_what_is_foreign_answers_404(site: Client) -> None:
    assert site.get("/missing", headers={"accept": "application/json"}).status_code == 404


def test_a_get_cannot_write(settings: Settings, db: None) -> None:
    settings.ROOT_URLCONF = __name__
    with pytest.raises(WriteOnRead):
        Client().get("/write")
    with pytest.raises(WriteOnRead):
        Client().head("/write")
    assert not User.objects.filter(username="made-by-get").exists()
    assert Client().post("/write").status_code == 200
    assert User.objects.filter(username="made-by-get").exists()


def test_a_get_may_read_and_keep_its_session(site: Client) -> None:
    assert site.get("/read").status_code == 200
    assert site.session["seen"] == 0


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "a" FROM "b" WHERE "c" = \'INSERT INTO x\'',
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION (SELECT 2)",
        "SAVEPOINT x",
        'DECLARE "x" NO SCROLL CURSOR FOR SELECT 1',
        'UPDATE "django_session" SET "session_data" = %s',
        "INSERT INTO yicha_cache (cache_key) VALUES (%s)",
        "EXPLAIN SELECT 1",
    ],
)
def test_reading_statements_may_run(sql: str) -> None:
    assert may_run_on_read(sql)


@pytest.mark.parametrize(
    "sql",
    [
        'INSERT INTO "b" VALUES (1)',
        'UPDATE "b" SET a = 1',
        'DELETE FROM "b"',
        "WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a",
        "WITH a AS (INSERT INTO b VALUES (1) RETURNING *) SELECT * FROM a",
        "SELECT nextval('x')",
        "SELECT 1; DELETE FROM b",
        "/* SELECT */ DELETE FROM b",
        "-- SELECT\nDELETE FROM b",
        "TRUNCATE b",
        "CREATE TABLE b (a int)",
        "EXPLAIN ANALYZE DELETE FROM b",
        'INSERT INTO "django_session_x" VALUES (1)',
        "COPY b FROM STDIN",
        "DO $$ BEGIN END $$",
        "CALL f()",
        "",
    ],
)
def test_writing_statements_may_not(sql: str) -> None:
    assert not may_run_on_read(sql)


def test_a_request_is_one_line_without_its_query(site: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "yicha.request"):
        answer = site.get("/read?name=张三&token=secret")
    (record,) = [record for record in caplog.records if record.name == "yicha.request"]
    line = JsonLine().format(record)
    facts = json.loads(line)
    assert "\n" not in line and "secret" not in line and "张三" not in line
    assert (facts["method"], facts["path"], facts["status"], facts["event"]) == (
        "GET",
        "/read",
        200,
        "request",
    )
    assert facts["queries"] >= 1
    assert facts["request"] == answer["X-Request-ID"]


def test_a_fault_is_logged_with_its_name(site: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "yicha.request"):
        assert site.get("/break").status_code == 500
    (record,) = [record for record in caplog.records if record.name == "yicha.request"]
    assert json.loads(JsonLine().format(record))["error"] == "ValueError"
    assert record.levelname == "ERROR"


def test_a_job_is_one_line_without_its_arguments() -> None:
    record = logging.LogRecord("procrastinate.worker", logging.INFO, "", 0, "Job import(file='x')", (), None)
    record.action = "job_success"
    record.job = {
        "id": 7,
        "task_name": "import",
        "queue": "default",
        "attempts": 1,
        "task_kwargs": {"a": "b"},
    }
    record.duration = 0.5
    assert OnlyJobEnds().filter(record)
    facts = json.loads(JsonLine().format(record))
    assert (facts["event"], facts["task"], facts["result"], facts["ms"]) == (
        "job",
        "import",
        "succeeded",
        500.0,
    )
    assert "file=" not in json.dumps(facts) and "task_kwargs" not in facts
    record.action = "start_job"
    assert not OnlyJobEnds().filter(record)


def test_pages_carry_headers_of_safety(client: Client, db: None) -> None:
    answer = client.get("/account/login/")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_only_a_page_with_a_map_may_load_pictures_from_where_tiles_are(
    rf: RequestFactory, settings: Settings
) -> None:
    tiles = environment.read({"YICHA_MAP_TILES": "https://t.example.cn/{z}/{x}/{y}.png"}, Path())
    settings.YICHA = tiles

    def policy(*, with_map: bool) -> str:
        answer = HttpResponse()
        answer.shows_map = with_map  # type: ignore[attr-defined]
        return Headers(lambda _request: answer)(rf.get("/"))["Content-Security-Policy"]

    assert "img-src 'self' data: blob: https://t.example.cn;" in policy(with_map=True)
    assert "t.example.cn" not in policy(with_map=False)


def test_chinese_by_default_whatever_the_browser_wishes_and_english_by_switch(
    client: Client, db: None
) -> None:
    assert (
        client.get("/account/login/", headers={"accept-language": "en-US"})["Content-Language"] == "zh-hans"
    )
    client.post("/language/setlang/", {"language": "en"})
    assert client.get("/account/login/")["Content-Language"] == "en"
    client.cookies["django_language"] = "xx"
    assert client.get("/account/login/")["Content-Language"] == "zh-hans"


def test_a_body_that_is_too_large_is_refused_unread(settings: Settings, client: Client, db: None) -> None:
    answer = client.post("/account/login/", {"a": "b"}, CONTENT_LENGTH=str(settings.YICHA.upload_bytes + 1))
    assert answer.status_code == 413


def test_there_is_no_sign_up_without_being_asked(client: Client, db: None) -> None:
    answer = client.post(
        "/account/signup/", {"username": "intruder", "password1": "a-long-one-7", "password2": "a-long-one-7"}
    )
    assert answer.status_code in {200, 403, 404}
    assert not User.objects.filter(username="intruder").exists()


def test_the_table_of_the_cache_is_there(db: None) -> None:
    assert "yicha_cache" in connection.introspection.table_names()
