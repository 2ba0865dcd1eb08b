"""The launcher's decisions, without a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from yicha.base.database import rules
from yicha.base.database.terms import ConnectionFacts, FolderFacts, Location, RunAs, ServerFacts
from yicha.kernel.refusal import Refused

PRIVATE, OPEN = FolderFacts(0o700, 0, 0), FolderFacts(0o755, 0, 0)
NOBODY = (65534, 65534)


def location(var: str = "/srv/var") -> Location:
    control = Path(var) / "postgresql"
    return Location(Path(var), control, control, control / "run", Path("/wheel"), RunAs("nobody", *NOBODY))


def test_a_url_is_taken_apart() -> None:
    assert rules.read_url("postgresql://me:a%2Fb@db:5433/na%20me?sslmode=require") == ConnectionFacts(
        name="na me", user="me", password="a/b", host="db", port=5433, options={"sslmode": "require"}
    )


def test_a_url_may_name_a_socket() -> None:
    assert rules.read_url("postgres:///yicha?host=/run/postgresql").host == "/run/postgresql"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://h/n", "database.url-scheme"),
        ("/var/lib/db", "database.url-scheme"),
        ("postgresql://h", "database.url-name"),
        ("postgresql://h/a/b", "database.url-name"),
        ("postgresql://h:x/n", "database.url-broken"),
        ("postgresql://[h/n", "database.url-broken"),
        ("postgresql://h/n?pool=1", "database.url-option"),
    ],
)
def test_a_url_that_cannot_be_is_refused(url: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        rules.read_url(url)
    assert caught.value.codes == (code,)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(Refused) as caught:
        rules.read_url("mysql://me:hunter2@h/n")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("folders", "user", "allowed"),
    [
        ([OPEN, OPEN], NOBODY, True),
        ([OPEN, PRIVATE], NOBODY, False),
        ([PRIVATE], (0, 0), True),
        ([FolderFacts(0o710, 0, 7)], (65534, 7), True),
        ([FolderFacts(0o701, 0, 7)], (65534, 7), False),
        ([FolderFacts(0o711, 0, 0)], NOBODY, True),
        ([FolderFacts(0o077, 5, 0)], (5, 0), False),
        ([], NOBODY, True),
    ],
)
def test_who_may_enter(folders: list[FolderFacts], user: tuple[int, int], allowed: bool) -> None:
    assert rules.may_enter(folders, *user) is allowed


def test_entering_is_not_reading() -> None:
    assert rules.may_enter([FolderFacts(0o711, 0, 0)], *NOBODY)
    assert not rules.may_read(FolderFacts(0o711, 0, 0), *NOBODY)


def test_a_socket_path_that_is_too_long_is_noticed_in_bytes() -> None:
    assert rules.socket_fits(Path("/" + "a" * 92))
    assert not rules.socket_fits(Path("/" + "a" * 93))
    assert not rules.socket_fits(Path("/" + "监" * 31))
    assert not rules.socket_fits(Path("/srv/a,b")), "a list of hosts"


def test_a_token_is_stable_and_tells_folders_apart() -> None:
    assert rules.token(Path("/a")) == rules.token(Path("/a")) != rules.token(Path("/b"))


def test_the_server_is_durable_and_opens_no_port() -> None:
    command = rules.postgres_arguments(location(), small_shared_memory=False, memory=4 * 1024**3)
    for setting in ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "listen_addresses="):
        assert setting in command
    assert "dynamic_shared_memory_type=mmap" in rules.postgres_arguments(
        location(), small_shared_memory=True, memory=4 * 1024**3
    )


def test_the_server_takes_an_eighth_of_the_memory_within_bounds() -> None:
    gib = 1024**3
    assert [rules.shared_buffers(memory) for memory in (gib // 2, 4 * gib, 64 * gib)] == [128, 512, 1024]


def test_a_cluster_knows_chinese_letters_and_checks_its_pages() -> None:
    command = rules.initdb_arguments(location(), Path("/srv/var/new"))
    assert {"--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"} <= set(command)


def test_nobody_comes_in_but_the_users_that_are_named() -> None:
    assert rules.access_file() == "local all all peer map=product\n"
    assert rules.access_map(["root"]).splitlines() == ['product "root" postgres', 'product "root" yicha']


def test_the_server_sees_no_secret() -> None:
    seen = rules.server_environment(
        {"PATH": "/bin", "YICHA_SECRET_KEY": "s", "PGPASSWORD": "p", "LANG": "zh_CN.GBK"}
    )
    assert seen == {"PATH": "/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def test_another_major_version_is_refused() -> None:
    rules.require_same_major("18\n", "18", Path("/data"))
    with pytest.raises(Refused) as caught:
        rules.require_same_major("16\n", "18", Path("/data"))
    assert "PostgreSQL 16" in str(caught.value) and "pg_dump" in str(caught.value)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (ServerFacts(140011, "UTF8", 1.0), "database.old"),
        (ServerFacts(150000, "SQL_ASCII", 1.0), "database.encoding"),
        (ServerFacts(150000, "UTF8", 0.0), "database.locale"),
        (ServerFacts(150000, "UTF8", -1.0), "database.trigram"),
    ],
)
def test_a_server_that_will_not_do_is_refused(facts: ServerFacts, code: str) -> None:
    with pytest.raises(Refused) as caught:
        rules.require_usable(facts)
    assert caught.value.codes == (code,)


def test_a_good_server_is_taken() -> None:
    rules.require_usable(ServerFacts(150004, "UTF8", 1.0))
