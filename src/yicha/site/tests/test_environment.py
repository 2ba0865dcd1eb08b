"""Each setting that cannot be is refused in one sentence that names it; a good one is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yicha.kernel.refusal import Refused
from yicha.site import environment

HERE = Path("/srv/yicha")


def refusals(**environ: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        environment.read(environ, HERE)
    return [str(reason) for reason in caught.value.reasons]


def test_without_any_setting_everything_has_a_value() -> None:
    found = environment.read({}, HERE)
    assert found.var == HERE / "var"
    assert found.database is None
    assert found.hosts == ("127.0.0.1", "localhost", "[::1]")
    assert (found.language, found.time_zone, found.debug) == ("zh-hans", "Asia/Shanghai", False)
    assert (found.database_pool, found.database_patience) == (8, 20)
    assert not found.https


def test_an_operator_says_how_many_connections_a_process_holds_and_how_long_a_request_waits() -> None:
    program = "from yicha.site import settings; print(settings.DATABASES['default']['OPTIONS']['pool'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {
            "DATABASE_URL": "postgresql://u@h/n",
            "YICHA_DATABASE_POOL": "3",
            "YICHA_DATABASE_PATIENCE": "45",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "{'min_size': 1, 'max_size': 3, 'timeout': 45}"


def test_good_values_are_read() -> None:
    found = environment.read(
        {
            "YICHA_VAR": "data",
            "DATABASE_URL": "postgresql://u:p%40ss@db.example.cn:5433/yicha?sslmode=require",
            "YICHA_SECRET_KEY": "k" * 50,
            "YICHA_URL": "https://yicha.example.cn/",
            "YICHA_DEBUG": "yes",
            "YICHA_LANGUAGE": "en",
            "YICHA_PROXIES": "1",
            "YICHA_UPLOAD_MB": "2",
            "YICHA_DATABASE_POOL": "12",
            "YICHA_DATABASE_PATIENCE": "60",
        },
        HERE,
    )
    assert found.var == HERE / "data"
    assert found.database is not None
    assert (found.database.password, found.database.port) == ("p@ss", 5433)
    assert found.url == "https://yicha.example.cn" and found.https
    assert "yicha.example.cn" in found.hosts
    assert (found.debug, found.language, found.proxies, found.upload_bytes) == (
        True,
        "en",
        1,
        2 * 1024 * 1024,
    )
    assert (found.database_pool, found.database_patience) == (12, 60)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YICHA_VAR", "a\nb"),
        ("YICHA_SECRET_KEY", "short"),
        ("YICHA_URL", "yicha.example.cn"),
        ("YICHA_URL", "https://yicha.example.cn/path"),
        ("YICHA_URL", "https://[broken"),
        ("YICHA_HOSTS", "https://yicha.example.cn"),
        ("YICHA_HOSTS", ","),
        ("YICHA_DEBUG", "maybe"),
        ("YICHA_LANGUAGE", "fr"),
        ("YICHA_TIME_ZONE", "Mars/Olympus"),
        ("YICHA_TIME_ZONE", "../etc/passwd"),
        ("YICHA_PROXIES", "-1"),
        ("YICHA_DATABASE_POOL", "0"),
        ("YICHA_DATABASE_POOL", "101"),
        ("YICHA_DATABASE_PATIENCE", "0"),
        ("YICHA_UPLOAD_MB", "0"),
        ("YICHA_UPLOAD_MB", "５"),
        ("YICHA_STATIC_ROOT", "a\0b"),
        ("YICHA_LAKE", "s3://UPPER/prefix"),
        ("YICHA_LAKE", "s3://"),
        ("YICHA_LAKE", "s3://bucket/a b"),
        ("YICHA_LAKE", "a\nb"),
        ("YICHA_LAKE_S3_ENDPOINT", "storage.example.cn:9000"),
        ("YICHA_ENGINE", "spark"),
        ("YICHA_ENGINE", "spark://host"),
        ("YICHA_ENGINE", "local-cluster[2,1]"),
        ("YICHA_EMAIL_HOST", "mail.example.cn:25"),
        ("YICHA_EMAIL_PORT", "70000"),
        ("YICHA_EMAIL_FROM", "nobody"),
        ("YICHA_EMAIL_TLS", "ssl"),
        ("YICHA_MESSAGE_SMS_URL", "gateway.example.cn"),
        ("YICHA_MESSAGE_SMS_URL", "https://[broken"),
        ("YICHA_MESSAGE_SMS_SECRET", "whsec_c2hvcnQ="),
        ("YICHA_MESSAGE_ROBOT_SECRET", "c2VjcmV0" * 4),
        ("DATABASE_URL", "mysql://u@h/n"),
        ("DATABASE_URL", "postgresql://u@h/"),
        ("DATABASE_URL", "postgresql://u@h:port/n"),
        ("DATABASE_URL", "postgresql://u@h/n?pool=9"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    (sentence,) = refusals(**{name: value})
    assert name in sentence
    assert sentence.endswith(".") and "\n" not in sentence.replace(value, "")


def test_the_lake_is_a_folder_or_a_bucket() -> None:
    assert environment.read({}, HERE).lake.folder == HERE / "var" / "lake"
    assert environment.read({"YICHA_LAKE": "frozen"}, HERE).lake.folder == HERE / "frozen"
    found = environment.read(
        {
            "YICHA_LAKE": "s3://city/lake/one/",
            "YICHA_LAKE_S3_ENDPOINT": "http://127.0.0.1:9000",
            "YICHA_LAKE_S3_KEY": "me",
            "YICHA_LAKE_S3_SECRET": "hunter2",
        },
        HERE,
    ).lake
    assert (found.bucket, found.prefix, found.endpoint) == ("city", "lake/one", "http://127.0.0.1:9000")
    assert (found.folder, found.region) == (HERE / "var" / "lake-cache", "us-east-1")
    assert "hunter2" not in repr(found)


def test_a_bucket_needs_a_key() -> None:
    (sentence,) = refusals(YICHA_LAKE="s3://city/lake", YICHA_LAKE_S3_KEY="me")
    assert "YICHA_LAKE_S3_SECRET" in sentence and "me" not in sentence.replace("must", "").split()


@pytest.mark.parametrize(
    "engine", ["duckdb", "spark://10.0.0.1:7077", "spark://one:7077,two:7077", "local-cluster[2,1,1024]"]
)
def test_an_engine_is_named(engine: str) -> None:
    assert environment.read({"YICHA_ENGINE": engine}, HERE).engine == engine


def test_tiles_of_maps_are_off_until_they_are_named() -> None:
    assert environment.read({}, HERE).map_origin == ""
    named = environment.read({"YICHA_MAP_TILES": "https://t0.example.cn/w?x={x}&y={y}&z={z}&tk=1"}, HERE)
    assert named.map_origin == "https://t0.example.cn"


@pytest.mark.parametrize(
    "tiles",
    [
        "https://t.example.cn/{z}/{x}.png",
        "t.example.cn/{z}/{x}/{y}.png",
        "https://{s}.example.cn/{z}/{x}/{y}",
        "https://t.example.cn;script-src/{z}/{x}/{y}",
    ],
)
def test_an_address_that_gives_no_tiles_or_widens_the_policy_is_refused(tiles: str) -> None:
    (sentence,) = refusals(YICHA_MAP_TILES=tiles)
    assert "YICHA_MAP_TILES" in sentence


HOOK_SECRET = "whsec_" + "c2VjcmV0" * 4


def test_a_mail_server_is_read_with_the_port_of_its_way() -> None:
    assert environment.read({}, HERE).mail is None
    named = {"YICHA_EMAIL_HOST": "mail.example.cn", "YICHA_EMAIL_FROM": "一查 <yicha@example.cn>"}
    mail = environment.read({**named, "YICHA_EMAIL_USER": "u", "YICHA_EMAIL_PASSWORD": "hunter2"}, HERE).mail
    assert mail is not None and (mail.host, mail.port, mail.user) == ("mail.example.cn", 587, "u")
    assert mail.password == "hunter2" and "hunter2" not in repr(mail)
    for tls, port in (("tls", 465), ("off", 25)):
        other = environment.read({**named, "YICHA_EMAIL_TLS": tls}, HERE).mail
        assert other is not None and other.port == port


def test_a_mail_server_needs_a_sender() -> None:
    (sentence,) = refusals(YICHA_EMAIL_HOST="mail.example.cn")
    assert "YICHA_EMAIL_FROM" in sentence


@pytest.mark.parametrize("name", ["SMS", "ROBOT"])
def test_where_messages_are_posted_needs_a_secret(name: str) -> None:
    address = "https://gateway.example.cn/in?key=hunter2"
    (sentence,) = refusals(**{f"YICHA_MESSAGE_{name}_URL": address})
    assert f"YICHA_MESSAGE_{name}_SECRET" in sentence and "hunter2" not in sentence
    settings = {f"YICHA_MESSAGE_{name}_URL": address, f"YICHA_MESSAGE_{name}_SECRET": HOOK_SECRET}
    found = environment.read(settings, HERE)
    hook = found.sms if name == "SMS" else found.robot
    assert hook is not None and (hook.url, hook.secret) == (address, HOOK_SECRET)
    assert "hunter2" not in repr(found) and HOOK_SECRET not in repr(found)


def test_all_wrong_settings_are_told_at_once() -> None:
    assert len(refusals(YICHA_DEBUG="maybe", YICHA_LANGUAGE="fr", YICHA_PROXIES="x")) == 3


def test_a_misspelt_setting_is_told() -> None:
    (sentence,) = refusals(YICHA_LANGAUGE="en")
    assert "YICHA_LANGAUGE" in sentence and "YICHA_LANGUAGE" in sentence


def test_no_secret_is_shown() -> None:
    for sentence in refusals(YICHA_SECRET_KEY="tiny-secret", DATABASE_URL="mysql://me:hunter2@h/n"):
        assert "tiny-secret" not in sentence and "hunter2" not in sentence


def test_the_guide_tells_every_setting() -> None:
    guide = Path(__file__).resolve().parents[4] / "docs" / "guide" / "run.md"
    text = guide.read_text("utf-8")
    assert [name for name in environment.NAMES if f"`{name}`" not in text] == []
