"""Every message has its Chinese, with the same places to fill."""

from __future__ import annotations

from tools import messages


def test_every_message_is_translated() -> None:
    assert messages.find_faults() == []


def test_a_missing_and_a_differing_translation_are_found() -> None:
    import polib

    folder = messages.SOURCES / "doors" / "locale"
    missing = polib.POEntry(msgid="Copy %(value)s", msgstr="")
    differing = polib.POEntry(msgid="Copy %(value)s", msgstr="复制 %(code)s")
    assert "has no Chinese" in next(messages._faults_of(missing, folder))
    assert "other places" in next(messages._faults_of(differing, folder))
