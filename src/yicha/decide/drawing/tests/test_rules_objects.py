"""Selection, quotas, replacement, seeds and beacons against their words and pinned numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.decide.drawing.rules import beacons, files, manifest, objects, privacy, quotas, tickets
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec, Excluded, Member, Replaced, Stratum
from yicha.kernel import personal
from yicha.kernel.refusal import Refused

SEED = "00112233445566778899aabbccddeeff"
RATES = st.integers(0, 1000).map(lambda number: str(Decimal(number) / 1000))
KEYS = st.from_regex(files.KEY, fullmatch=True)


def hex_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_the_formulas_word_for_word() -> None:
    assert tickets.commitment_of("110302-2026-0007", "110112-market", "ab") == hex_of(
        "yicha-commit\n110302-2026-0007\n110112-market\nab"
    )
    assert (
        tickets.seed_of("aa", "dice", ["r1", "withheld"])
        == hex_of("yicha-draw/1\naa\ndice\nr1\nwithheld\n")[:32]
    )
    assert tickets.seed_of("aa", "dice", []) == hex_of("yicha-draw/1\naa\ndice\n")[:32]
    assert tickets.ticket_of("s", tickets.object_label("k")) == hex_of("s|o:k")
    assert tickets.ticket_of("s", tickets.object_label("k", 2)) == hex_of("s|s2:o:k")
    assert tickets.ticket_of("s", tickets.person_label("v", "p")) == hex_of("s|p:v:p")
    assert tickets.manifest_hash({"b": 1, "a": "四"}) == hex_of('{"a":"四","b":1}')
    assert manifest.draw_id_of("110302", 2026, 7) == "110302-2026-0007"


def test_a_ticket_of_an_18_character_key_is_one_block() -> None:
    assert len(f"{SEED}|{tickets.object_label('9' * 18)}") == 53 <= 55


@given(st.dictionaries(KEYS, st.sampled_from("abc"), max_size=30), st.integers(0, 4), st.integers(0, 2))
def test_selection_is_the_lowest_of_each_stratum(strata: dict[str, str], quota: int, supplement: int) -> None:
    population = [Member(key, stratum) for key, stratum in strata.items()]
    rows = [Stratum(name, 0, "1", quota) for name in "abc"]
    label = f"s{supplement}:o:" if supplement else "o:"
    expected = []
    for name in "abc":
        tickets_ = sorted((hex_of(f"{SEED}|{label}{key}"), key) for key, at in population if at == name)
        expected += [(name, key, ticket) for ticket, key in tickets_[:quota]]
    assert objects.select(SEED, population, rows, supplement) == expected
    assert objects.select(SEED, population[::-1], rows[::-1], supplement) == expected


@given(
    st.dictionaries(
        st.text("abcd", min_size=1, max_size=3), st.tuples(st.integers(0, 400), RATES), max_size=8
    )
)
def test_quotas_by_their_words(strata: dict[str, tuple[int, str]]) -> None:
    rows = [(name, size, rate) for name, (size, rate) in strata.items()]
    found = quotas.quotas(rows)
    exact = {name: size * Fraction(rate) for name, size, rate in rows}
    assert found == quotas.quotas(rows[::-1])
    for name, size, _ in rows:
        assert found[name] <= size
        assert (found[name] > 0) == (exact[name] > 0) or (exact[name] > 0) is False or found[name] > 0
        assert found[name] in (int(exact[name]), int(exact[name]) + 1)
        if exact[name] > 0:
            assert found[name] >= 1
    total = int(sum(exact.values(), Fraction()) + Fraction(1, 2))
    lifted = [name for name in found if found[name] == 1 and 0 < exact[name] < 1]
    assert total <= sum(found.values()) <= total + len(lifted)


def test_quotas_pinned() -> None:
    assert quotas.quotas([("b", 310, "0.10")]) == {"b": 31}
    # 0.5 + 0.5 + 0.5: the total is 2; ties go to the smaller id, and the third draws its one after that.
    assert quotas.quotas([("c", 10, "0.05"), ("a", 10, "0.05"), ("b", 10, "0.05")]) == {
        "a": 1,
        "b": 1,
        "c": 1,
    }
    assert quotas.quotas([("a", 3, "0.5"), ("b", 5, "0.5")]) == {"a": 2, "b": 2}
    assert quotas.quotas([("a", 7, "0.29"), ("b", 100, "0"), ("c", 0, "1")]) == {"a": 2, "b": 0, "c": 0}
    assert quotas.quotas([("a", 7, "1.00")]) == {"a": 7}
    # in floating point 0.29 * 100 is 28.999…
    assert quotas.quotas([("a", 100, "0.29")]) == {"a": 29}


@pytest.mark.parametrize("rate", ["", "1.1", "-0.1", ".5", "0.", "5%", "1e-1", "00.1", "0.1 ", "٠.١", "2"])
def test_what_is_no_rate(rate: str) -> None:
    assert not quotas.is_rate(rate)
    with pytest.raises(ValueError, match="no share"):
        quotas.share(rate)


def test_replacement_takes_the_next_that_was_never_drawn() -> None:
    ranked = [("t1", "a"), ("t2", "b"), ("t3", "c")]
    assert objects.replace("a", "closed", ranked, {"a", "b"}, 0, 1) == Replaced("a", "closed", "c", "t3")
    assert objects.replace("a", "closed", ranked, {"a", "b"}, 1, 1) == Replaced("a", "closed", "", "")
    assert objects.replace("a", "closed", ranked, {"a", "b", "c"}, 0, 1) == Replaced("a", "closed", "", "")
    assert quotas.replacements_allowed(119, "0.05") == 5
    assert quotas.replacements_allowed(19, "0.05") == 0
    codes = [reason.code for reason in objects.check_replacement("z", "friend", {"a"})]
    assert codes == ["draw.replacement-code", "draw.replacement-key"]
    assert not objects.check_replacement("a", "closed", {"a"})


def test_supplement_draws_only_what_is_missing() -> None:
    assert not objects.check_supplement({"s": 2}, {"s": 2}, {"s": 9})
    for wanted, missing, left, code in [
        ({}, {}, {}, "draw.supplement-empty"),
        ({"s": 3}, {"s": 2}, {"s": 9}, "draw.supplement-size"),
        ({"s": 2}, {"s": 2}, {"s": 1}, "draw.stratum-exhausted"),
    ]:
        assert [reason.code for reason in objects.check_supplement(wanted, missing, left)] == [code]


def test_what_is_wrong_with_a_population_is_named() -> None:
    population = [Member("k1", "s"), Member("K1", "s"), Member("k2", "t"), Member("k2", "s")]
    codes = [
        reason.code
        for reason in objects.check_population(
            population, [Excluded("k2", "budget")], [("s", "0.5"), ("S", "x"), ("u v", "1")]
        )
    ]
    assert codes == [
        "draw.key-case",
        "draw.key-twice",
        "draw.key-twice",
        "draw.key-case",
        "draw.rate",
        "draw.stratum-form",
        "draw.stratum-unknown",
    ]
    assert [reason.code for reason in objects.check_population([], [], [])] == ["draw.population-empty"]


@given(st.lists(st.tuples(KEYS, KEYS), unique=True, max_size=20))
def test_a_file_is_read_as_it_was_sealed(rows: list[tuple[str, str]]) -> None:
    sealed = files.seal(rows)
    assert [tuple(row) for row in files.rows_of(sealed.content, 2)] == sorted(rows, key="\t".join)
    assert sealed.sha256 == sha256(sealed.content).hexdigest()
    assert sealed.rows == len(rows)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbfa\tb\n", "draw.file-bom"),
        (b"\xff\xfea\tb\n", "draw.file-bom"),
        (b"a\tb", "draw.file-end"),
        (b"a\tb\r\n", "draw.file-cr"),
        (b"a\n", "draw.file-fields"),
        (b"a\tb\tc\n", "draw.file-fields"),
        (b"\n", "draw.file-fields"),
        (b"a\t\n", "draw.file-key"),
        (b"a \tb\n", "draw.file-key"),
        (b"a\t\xc3\xa9\n", "draw.file-key"),
        (b"a\tb\na\tb\n", "draw.row-twice"),
        (b"b\tb\na\tb\n", "draw.file-order"),
        (b"x" * 65 + b"\tb\n", "draw.file-key"),
    ],
)
def test_a_file_in_another_form_is_refused_by_name(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        files.rows_of(content, 2)
    assert refused.value.codes == (code,)


def test_sealing_refuses_what_cannot_be_a_key() -> None:
    with pytest.raises(Refused) as refused:
        files.seal([("a", "b"), ("ü", "b"), ("a\tc", ""), ("", "b")])
    assert refused.value.codes == ("draw.key-form",) * 3
    with pytest.raises(Refused) as refused:
        files.seal([("a", 1), ("a", 1)])
    assert refused.value.codes == ("draw.row-twice",)


def test_reveals_must_match() -> None:
    reveal = "ab" * 32
    commitment = tickets.commitment_of("d", "a", reveal)
    assert not tickets.check_reveal("d", "a", commitment, reveal)
    assert not tickets.check_commitment("a", commitment)
    for draw_id, agency, text, code in [
        ("e", "a", reveal, "draw.reveal-mismatch"),
        ("d", "b", reveal, "draw.reveal-mismatch"),
        ("d", "a", "cd" * 32, "draw.reveal-mismatch"),
        ("d", "a", reveal.upper(), "draw.reveal-form"),
        ("d", "a", "withheld", "draw.reveal-form"),
        ("d", "a", reveal + "\n", "draw.reveal-form"),
    ]:
        assert [reason.code for reason in tickets.check_reveal(draw_id, agency, commitment, text)] == [code]
    assert [reason.code for reason in tickets.check_commitment("a", "AB" * 32)] == ["draw.commitment-form"]


DEADLINE = datetime(2026, 7, 1, 8, tzinfo=UTC)
TWO_COLOURS = "6/33+1/16"


@pytest.mark.parametrize(
    ("spec", "codes"),
    [
        (BeaconSpec(BeaconKind.DEMONSTRATION, "given on the command line"), []),
        (BeaconSpec(BeaconKind.DICE, "twenty dice at the office, 2026-07-02"), []),
        (BeaconSpec(BeaconKind.DICE, " "), ["draw.beacon-source"]),
        (BeaconSpec(BeaconKind.DRAND, "drand quicknet 99999999"), []),
        (BeaconSpec(BeaconKind.DRAND, "drand quicknet 1000"), ["draw.beacon-early"]),
        (BeaconSpec(BeaconKind.DRAND, "drand default 1000"), ["draw.beacon-early"]),
        (BeaconSpec(BeaconKind.DRAND, "some round"), ["draw.beacon-source"]),
        (BeaconSpec(BeaconKind.LOTTERY, "双色球 2026075", TWO_COLOURS), ["draw.entropy"]),
        (BeaconSpec(BeaconKind.LOTTERY, "双色球 2026075–2026077", ",".join([TWO_COLOURS] * 3)), []),
        (BeaconSpec(BeaconKind.LOTTERY, "双色球 2026075", "the numbers"), ["draw.entropy"]),
        (BeaconSpec(BeaconKind.LOTTERY, "双色球 2026075", "34/33"), ["draw.entropy"]),
        (BeaconSpec(BeaconKind.LOTTERY, "排列5, four issues", "d5,d5,d5,d5"), []),
        (BeaconSpec(BeaconKind.LOTTERY, "排列5, three issues", "d5,d5,d5"), ["draw.entropy"]),
    ],
)
def test_events_with_too_little_chance_are_refused(spec: BeaconSpec, codes: list[str]) -> None:
    assert [reason.code for reason in beacons.check_spec(spec, DEADLINE)] == codes


@pytest.mark.parametrize(
    ("kind", "encoding", "text", "holds"),
    [
        (BeaconKind.DRAND, "", "ab" * 32, True),
        (BeaconKind.DRAND, "", "AB" * 32, False),
        (BeaconKind.DRAND, "", "ab" * 31, False),
        (BeaconKind.DICE, "", "01234567890123456789", True),
        (BeaconKind.DICE, "", "0123456789", False),
        (BeaconKind.LOTTERY, "6/33+1/16,d3", "01-05-09-12-30-33+16,007", True),
        (BeaconKind.LOTTERY, "6/33+1/16", "05-01-09-12-30-33+16", False),
        (BeaconKind.LOTTERY, "6/33+1/16", "01-05-09-12-30-34+16", False),
        (BeaconKind.LOTTERY, "6/33+1/16", "01-05-09-12-30-33,16", False),
        (BeaconKind.LOTTERY, "6/33+1/16", "01-05-09-12-30+16", False),
        (BeaconKind.LOTTERY, "d3", "0a7", False),
        (BeaconKind.DEMONSTRATION, "", "a demonstration", True),
        (BeaconKind.DEMONSTRATION, "", "two\nlines", False),
        (BeaconKind.DEMONSTRATION, "", "", False),
        (BeaconKind.DEMONSTRATION, "", " padded", False),
        (BeaconKind.DEMONSTRATION, "", "x" * 201, False),
        (BeaconKind.DEMONSTRATION, "", "骰子", False),
    ],
)
def test_a_beacon_has_the_form_of_its_manifest(
    kind: BeaconKind, encoding: str, text: str, holds: bool
) -> None:
    assert (not beacons.check_text(kind, encoding, text)) is holds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("身份证110101199003071233", ["identity card"]),
        ("11010119900307123X,", ["identity card"]),
        ("电话１３８１２３４５６７８", ["mobile number"]),
        ("+86 138-1234-5678", ["mobile number"]),
        ("tel:8613812345678", ["mobile number"]),
        ("91110302MA01234567", []),
        ("110302012345678", []),
        ("a13812345678", []),
        ("0" * 20 + "13812345678", []),
        ("12810000000", []),
        (SEED, []),
    ],
)
def test_personal_numbers_are_found(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in personal.find_personal(text)] == kinds
    assert len(privacy.check_public("f", text.encode())) == len(kinds)


def test_a_uscc_of_digits_alone_is_no_identity_card() -> None:
    from yicha.kernel import uscc

    # eighteen digits with a date inside and the right check character of a 统一社会信用代码
    found = next(
        first + check
        for number in range(1000)
        for first in [f"12110101199003{number % 28 + 1:02d}{number % 10}"]
        for check in [uscc.check_character(first) if len(first) == 17 else ""]
        if check.isdigit() and not personal._is_card(first + check)
    )
    assert not list(personal.find_personal(found))
    assert manifest.check_words(title="a\nb", source="", words="好") == [
        *manifest.check_words(title="a\nb"),
        *manifest.check_words(source=""),
    ]
