"""What an explanation promises comes true."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from yicha.know.credit.rules import explaining, scoring
from yicha.know.credit.rules.explaining import Case
from yicha.know.credit.terms.classes import Cuts, Fact, Subject
from yicha.know.credit.terms.explaining import WayKind
from yicha.know.credit.terms.model import CutBy, FactKind, Indicator, Levels, Measure, Model, Part, RedLine
from yicha.know.credit.terms.records import Severity
from yicha.know.credit.tests.models_and_facts import ON, facts, models, subjects

CUTS = st.lists(st.integers(1, 200), min_size=3, max_size=3).map(sorted)
ANYBODY = Subject("", "C26", "company", date(2015, 3, 1))


def case(model: Model, subject: Subject, known: list[Fact], cuts: tuple[list[int], list[int]]) -> Case:
    credit, risk = cuts
    found = Cuts((credit[0], credit[1], credit[2]), (risk[0], risk[1], risk[2]))
    return Case(model, subject, known, ON, found)


cases = st.builds(
    case, models(), subjects(), st.lists(facts(), max_size=5, unique=True), st.tuples(CUTS, CUTS)
)


@settings(max_examples=200, deadline=None)
@given(cases)
def test_every_way_leads_to_a_better_class(one: Case) -> None:
    for way in explaining.find_ways(one):
        assert way.letter < one.now.letter
        match way.kind:
            case WayKind.ENDING:
                left = [fact for fact in one.facts if fact not in way.facts]
                assert one.assess(left, ON).letter == way.letter
            case WayKind.AGEING:
                assert way.on is not None
                assert one.assess(one.facts, way.on).letter == way.letter
            case WayKind.POINTS:
                credit = scoring.level_of(one.now.general - way.general, one.cuts.credit)
                risk = scoring.level_of(one.now.specific - way.specific, one.cuts.risk)
                assert one.model.matrix[credit - 1][risk - 1] == way.letter


@settings(max_examples=40, deadline=None)
@given(cases)
def test_ageing_names_the_first_such_day(one: Case) -> None:
    way = explaining.by_ageing(one)
    days = (ON + timedelta(days=number) for number in range(1, 400))
    first = next((day for day in days if one.is_better(one.assess(one.facts, day))), None)
    if first is not None:
        assert way is not None and way.on == first
    else:
        assert way is None or (way.on is not None and way.on >= ON + timedelta(days=400))


@settings(max_examples=60, deadline=None)
@given(cases)
def test_no_fewer_facts_would_do(one: Case) -> None:
    way = explaining.by_ending(one)
    for fact in way.facts if way else ():
        kept = [other for other in one.facts if other not in way.facts or other == fact]  # type: ignore[union-attr]
        assert not one.is_better(one.assess(kept, ON))


def penalties(count: int) -> Case:
    """So many penalties of 30 points, under a model whose classes begin at 30, 60 and 90 points."""
    by_score = Levels(CutBy.SCORE, (30, 60, 90))
    model = Model(
        code="m",
        version=1,
        title="m",
        source="s",
        indicators=(
            Indicator(
                "p",
                "行政处罚",
                Part.GENERAL,
                Measure.RECORDS,
                {Severity.MINOR: 30},
                (FactKind.PENALTY,),
                window=4,
                cap=500,
            ),
        ),
        red_lines=(RedLine("x", "重大事故", (FactKind.ACCIDENT,), (Severity.SERIOUS,), 12),),
        credit_levels=by_score,
        risk_levels=by_score,
        matrix=("AAAA", "BBBB", "CCCC", "DDDD"),
    )
    known = [
        Fact(FactKind.PENALTY, Severity.MINOR, ON - timedelta(days=10 + n), "market", f"credit:{n}")
        for n in range(count)
    ]
    return Case(model, ANYBODY, known, ON, Cuts((30, 60, 90), (30, 60, 90)))


def test_one_of_two_penalties_has_to_end() -> None:
    ending, ageing, points = explaining.find_ways(penalties(2))
    assert (ending.letter, len(ending.facts)) == ("B", 1)
    assert (ageing.letter, ageing.on) == ("B", ON - timedelta(days=11) + timedelta(days=120))
    assert (points.letter, points.general, points.specific) == ("B", 1, 0)


def test_of_very_many_facts_none_is_named_in_vain() -> None:
    one = penalties(14)
    way = explaining.by_ending(one)
    assert way is not None and len(way.facts) == 12
    assert way.letter == "C"


def test_a_red_line_is_said_first_and_its_end_is_the_way() -> None:
    before = penalties(1)
    accident = Fact(FactKind.ACCIDENT, Severity.SERIOUS, ON, "fire", "credit:9")
    one = Case(before.model, ANYBODY, [*before.facts, accident], ON, before.cuts)
    codes = [reason.code for reason in explaining.find_reasons(one)]
    assert codes == ["class.red-line", "class.general-level", "class.specific-level", "class.general-points"]
    ending, ageing = explaining.find_ways(one)
    assert ending.facts == (accident,)
    assert ageing.on == ON + timedelta(days=360)


def test_every_sentence_is_filled() -> None:
    one = penalties(2)
    said = [str(reason) for reason in explaining.find_reasons(one)]
    said += [str(explaining.say(way, "…")) for way in explaining.find_ways(one)]
    assert said == [
        "Credit level 3 and risk level 1 make class C.",
        "The general score is 60: credit level 3 begins at 60.",
        "The trade's score is 0: below 30 it is risk level 1, the best.",
        "“行政处罚” adds 60 points.",
        "Class B, once these have ended: ….",
        f"Class B on {ON + timedelta(days=109)} by time alone, if nothing happens until then.",
        "Class B with 1 points less in general and 0 less of its trade.",
    ]


def test_the_best_class_has_no_better_one() -> None:
    assert explaining.find_ways(penalties(0)) == ()
