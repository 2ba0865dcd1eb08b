"""The key that signs sessions: made once, kept private, the same for everybody who asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from yicha.kernel.refusal import Refused
from yicha.site.secret import secret_key


def test_it_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    var = tmp_path / "deep" / "var"
    key = secret_key(var)
    assert len(key) >= 50
    assert secret_key(var) == key
    assert (var / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in var.iterdir()] == ["secret-key"]


def test_two_folders_have_two_keys(tmp_path: Path) -> None:
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


def test_who_asks_at_once_gets_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(secret_key, [tmp_path] * 16))) == 1


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(Refused) as caught:
        secret_key(tmp_path / "var")
    assert "YICHA_VAR" in str(caught.value)
