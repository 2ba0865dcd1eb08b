"""Merkle trees of RFC 6962 (2.1): roots, inclusion proofs, consistency proofs, and a frontier to append to.

`root` takes the leaves themselves; everything else takes *leaf hashes* (`leaf_hash(leaf)`), because a ledger
stores these. The hash function is a parameter everywhere, so that SM3 can stand in for SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

Hash = Callable[[bytes], bytes]
"""From bytes to a digest of fixed length."""

_LEAF = b"\x00"
_NODE = b"\x01"
_BLOCK = 1 << 12
_BLOCK_HEIGHT = 12


def sha256(data: bytes) -> bytes:
    """The hash of RFC 6962 and of `yicha-draw/1`."""
    return hashlib.sha256(data).digest()


def leaf_hash(data: bytes, hash_: Hash = sha256) -> bytes:
    """RFC 6962 2.1: MTH({d}) = HASH(0x00 || d)."""
    return hash_(_LEAF + data)


def node_hash(left: bytes, right: bytes, hash_: Hash = sha256) -> bytes:
    """RFC 6962 2.1: HASH(0x01 || left || right)."""
    return hash_(_NODE + left + right)


def root(leaves: Iterable[bytes], hash_: Hash = sha256) -> bytes:
    """The root over leaves in their order, read once, in constant memory. No leaves: the hash of nothing."""
    return root_of_hashes((hash_(_LEAF + leaf) for leaf in leaves), hash_)


def root_of_hashes(hashes: Iterable[bytes], hash_: Hash = sha256) -> bytes:
    """The root over leaf hashes in their order."""
    frontier = Frontier(hash_=hash_)
    stream = iter(hashes)
    while block := list(islice(stream, _BLOCK)):
        at = 0
        for height in reversed(range(_BLOCK_HEIGHT + 1)):
            if len(block) >> height & 1:
                frontier.append_subtree(_fold(block[at : at + (1 << height)], hash_), height)
                at += 1 << height
    return frontier.root()


def _fold(hashes: Sequence[bytes], hash_: Hash) -> bytes:
    """The root over one leaf hash or more; a last one without a neighbour rises unchanged."""
    level = list(hashes)
    while len(level) > 1:
        lone = level[-1:] if len(level) % 2 else []
        pairs = iter(level)
        level = [hash_(_NODE + left + right) for left, right in zip(pairs, pairs, strict=False)] + lone
    return level[0]


class Frontier:
    """The right edge of a growing tree: all that is needed to append and to know the root.

    Holds one hash per bit that is set in `size`, from the largest complete subtree to the smallest, so a
    tree of a billion leaves is thirty hashes. `dump` and `load` keep it as JSON.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = (), *, hash_: Hash = sha256) -> None:
        if size < 0 or len(peaks) != size.bit_count():
            raise ValueError(f"{size} leaves have {size.bit_count()} complete subtrees, not {len(peaks)}")
        self._size = size
        self._peaks = list(peaks)
        self._hash = hash_

    @property
    def size(self) -> int:
        """How many leaves."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest first."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        self.append_subtree(leaf, 0)

    def append_subtree(self, peak: bytes, height: int) -> None:
        """Add a complete subtree of 2^height leaves; the size so far must be a multiple of that."""
        if self._size & ((1 << height) - 1):
            raise ValueError(f"a subtree of {1 << height} leaves does not fit behind {self._size}")
        carry = self._size >> height
        while carry & 1:
            peak = node_hash(self._peaks.pop(), peak, self._hash)
            carry >>= 1
        self._peaks.append(peak)
        self._size += 1 << height

    def root(self) -> bytes:
        """The root now; of an empty tree, the hash of nothing (RFC 6962 2.1)."""
        if not self._peaks:
            return self._hash(b"")
        result = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            result = node_hash(peak, result, self._hash)
        return result

    def dump(self) -> dict[str, object]:
        """Size and peaks as JSON holds them: `{"size": 3, "peaks": ["…", "…"]}`, hashes in hexadecimal."""
        return {"size": self._size, "peaks": [peak.hex() for peak in self._peaks]}

    @classmethod
    def load(cls, dumped: Mapping[str, Any], *, hash_: Hash = sha256) -> Frontier:
        """What `dump` gave; raises ValueError on anything else."""
        width = len(hash_(b""))
        try:
            size, peaks = dumped["size"], [bytes.fromhex(peak) for peak in dumped["peaks"]]
        except (KeyError, TypeError) as problem:
            raise ValueError("not a frontier: size and peaks are missing") from problem
        if not isinstance(size, int) or any(len(peak) != width for peak in peaks):
            raise ValueError("not a frontier: size or peaks are of the wrong kind")
        return cls(size, peaks, hash_=hash_)


def _split(size: int) -> int:
    """The largest power of two below `size` (RFC 6962 2.1, k)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int, hash_: Hash = sha256) -> list[bytes]:
    """The audit path of one leaf in the tree of all `leaf_hashes`, lowest first (RFC 6962 2.1.1)."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError(f"no leaf {index} in a tree of {len(leaf_hashes)}")
    path: list[bytes] = []
    start, size = 0, len(leaf_hashes)
    while size > 1:
        k = _split(size)
        if index - start < k:
            path.append(_fold(leaf_hashes[start + k : start + size], hash_))
            size = k
        else:
            path.append(_fold(leaf_hashes[start : start + k], hash_))
            start, size = start + k, size - k
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes, hash_: Hash = sha256
) -> bool:
    """Whether `proof` leads from a leaf hash at `index` of `size` leaves to `root` (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, result = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(step, result, hash_)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, step, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int, hash_: Hash = sha256) -> list[bytes]:
    """That the tree of the first `old_size` leaves is a beginning of the tree of all (RFC 6962 2.1.2)."""
    size = len(leaf_hashes)
    if not 0 <= old_size <= size:
        raise IndexError(f"no tree of {old_size} leaves inside one of {size}")
    if old_size in (0, size):
        return []
    path: list[bytes] = []
    start, whole = 0, True
    while old_size != size:
        k = _split(size)
        if old_size <= k:
            path.append(_fold(leaf_hashes[start + k : start + size], hash_))
            size = k
        else:
            path.append(_fold(leaf_hashes[start : start + k], hash_))
            start, old_size, size, whole = start + k, old_size - k, size - k, False
    if not whole:
        path.append(_fold(leaf_hashes[start : start + size], hash_))
    return path[::-1]


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes], hash_: Hash = sha256
) -> bool:
    """Whether `proof` shows that the old tree is a beginning of the new one (RFC 9162 2.1.4.2)."""
    if old_size in (0, size):
        return not proof and old_root == (root if old_size == size else hash_(b""))
    steps = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not 0 < old_size < size or not steps:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old, hash_), node_hash(step, new, hash_)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step, hash_)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_root and new == root
