"""RFC 6962 against its definition by recursion, and against the test vectors of Certificate Transparency."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.kernel import merkle

# The reference leaves and roots of Certificate Transparency (transparency-dev/merkle, rfc6962 tests).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SIZES = st.integers(0, 70)


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def many(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


def hashes(leaves: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(leaf) for leaf in leaves]


def test_known_roots() -> None:
    assert merkle.root([]).hex() == EMPTY
    for size, expected in enumerate(ROOTS, start=1):
        assert merkle.root(LEAVES[:size]).hex() == expected


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_root_is_the_definition(leaves: list[bytes]) -> None:
    assert merkle.root(iter(leaves)) == by_definition(leaves)


@pytest.mark.parametrize("size", [4095, 4096, 4097, 8192, 8193, 12345])
def test_root_of_many(size: int) -> None:
    leaves = many(size)
    assert merkle.root(leaves) == by_definition(leaves)


@given(SIZES, SIZES)
def test_frontier_appends_and_survives_dumping(first: int, more: int) -> None:
    leaves = many(first + more)
    frontier = merkle.Frontier()
    for leaf in hashes(leaves[:first]):
        frontier.append(leaf)
    again = merkle.Frontier.load(json.loads(json.dumps(frontier.dump())))
    assert (again.size, again.peaks) == (first, frontier.peaks)
    for leaf in hashes(leaves[first:]):
        again.append(leaf)
    assert again.root() == by_definition(leaves)


@pytest.mark.parametrize(
    "dumped",
    [
        {},
        {"size": 1},
        {"size": 1, "peaks": []},
        {"size": 1, "peaks": ["00"]},
        {"size": 1, "peaks": ["zz"]},
        {"size": "1", "peaks": ["00" * 32]},
        {"size": -1, "peaks": ["00" * 32]},
    ],
)
def test_what_is_no_frontier_is_refused(dumped: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"frontier|subtrees|hexadecimal"):
        merkle.Frontier.load(dumped)


def test_frontier_refuses_wrong_peaks() -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        merkle.Frontier(3, [b"x" * 32])
    with pytest.raises(ValueError, match="does not fit"):
        merkle.Frontier(1, [b"x" * 32]).append_subtree(b"y" * 32, 1)


@given(st.integers(1, 70), st.data())
def test_inclusion_holds_and_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = hashes(many(size))
    root = merkle.root_of_hashes(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(leaves, index)
    assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"other"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*proof, root], root)
    assert not merkle.verify_inclusion(leaves[index], size, size, proof, root)
    for elsewhere in range(size):
        if elsewhere != index:
            assert not merkle.verify_inclusion(leaves[index], elsewhere, size, proof, root)
    for cut in range(len(proof)):
        assert not merkle.verify_inclusion(leaves[index], index, size, proof[:cut], root)


@given(st.integers(0, 70), st.data())
def test_consistency_holds_and_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = hashes(many(size))
    root = merkle.root_of_hashes(leaves)
    old_size = data.draw(st.integers(0, size))
    old_root = merkle.root_of_hashes(leaves[:old_size])
    proof = merkle.consistency_proof(leaves, old_size)
    assert merkle.verify_consistency(old_size, old_root, size, root, proof)
    if 0 < old_size < size:
        wrong = merkle.leaf_hash(b"other")
        assert not merkle.verify_consistency(old_size, wrong, size, root, proof)
        assert not merkle.verify_consistency(old_size, old_root, size, wrong, proof)
        assert not merkle.verify_consistency(old_size, old_root, size, root, proof[:-1])
        assert not merkle.verify_consistency(old_size, old_root, size, root, [*proof, wrong])
    if size:
        assert not merkle.verify_consistency(size, root, size - 1, root, proof)


def test_proofs_of_what_is_not_there() -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_proof([], 0)
    with pytest.raises(IndexError):
        merkle.consistency_proof([], 1)


def test_another_hash_can_stand_in() -> None:
    def other(data: bytes) -> bytes:
        return hashlib.blake2s(data).digest()

    leaves = many(5)
    frontier = merkle.Frontier(hash_=other)
    for leaf in leaves:
        frontier.append(merkle.leaf_hash(leaf, other))
    assert merkle.root(leaves, other) == frontier.root() != merkle.root(leaves)
    leaf_hashes = [merkle.leaf_hash(leaf, other) for leaf in leaves]
    proof = merkle.inclusion_proof(leaf_hashes, 3, other)
    assert merkle.verify_inclusion(leaf_hashes[3], 3, 5, proof, frontier.root(), other)
    assert not merkle.verify_inclusion(leaf_hashes[3], 3, 5, proof, frontier.root())
