"""Pinned draws: whatever is changed in the product, these files must come out byte for byte and verify.

Run as a program inside `yicha manage shell`, it writes them anew; only a new version of the rule may do that.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from yicha.decide.drawing import verify_draw
from yicha.decide.drawing.tests import factories

FOLDER = Path(__file__).parent / "vectors"
PINNED = {
    "objects": (
        "3503c59d45defff91452ffaaddd24060799913959055ea1282ea462f5ed988e4",
        "3441783aa971b18425e3389f8fee67bc94cb892becacda8efe7f5b1c549f68cc",
    ),
    "officers": (
        "327dfa885f0e8814f563e7f783827b8ed4e73d99fc5d3994d53c004e378947a6",
        "80d1b8b5933d4c78f39fcd91dd729c10ac5d3f13a47d96ffcfd8ee21ad5dab8e",
    ),
}
"""SHA-256 of manifest.json and result.json, so that the vectors cannot be exchanged unseen either."""


def made(name: str) -> dict[str, str]:
    files = factories.objects_files() if name == "objects" else factories.officers_files()
    return {
        file: content.decode("utf-8")
        for file, content in files.items()
        if file not in {"verify_draw.py", "SHA256SUMS"}
    }


@pytest.mark.parametrize("name", PINNED)
def test_the_rule_gives_the_pinned_files(name: str, tmp_path: Path) -> None:
    pinned: dict[str, str] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert made(name) == pinned
    hashes = tuple(sha256(pinned[file].encode()).hexdigest() for file in ("manifest.json", "result.json"))
    assert hashes == PINNED[name]
    for file, text in pinned.items():
        (tmp_path / file).write_bytes(text.encode())
    assert verify_draw.verify(tmp_path, *hashes)[-1][0]


if __name__ == "__main__":
    for kind in PINNED:
        text = json.dumps(made(kind), ensure_ascii=False, indent=1, sort_keys=True)
        (FOLDER / f"{kind}.json").write_text(f"{text}\n", encoding="utf-8")
