"""Who goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from yicha.decide.gate.rules import judge
from yicha.decide.gate.terms import Bars, ContactFacts, Facts, OfficerFacts, Outcome
from yicha.know.visits.terms import ContactKind

from .scene import TODAY, barring, codes, contact, ground, item, numbers, officer, quiet, result, scene

FIT = officer("c1")


def refused(facts: Facts, code: str, item_code: str = "") -> None:
    verdict = judge(facts)
    assert barring(verdict) == {code: Bars.ENTRY}
    assert ground(verdict, code).item == item_code
    assert verdict.outcome is Outcome.REFUSE


def test_one_officer_is_too_few() -> None:
    facts = scene(officers=(FIT,))
    refused(facts, "gate.officers-too-few")
    assert ground(judge(facts), "gate.officers-too-few").rows[0].source == "source of officers-per-agency"


def test_how_many_officers_go_and_how_many_are_needed_is_told() -> None:
    assert ground(judge(scene()), "gate.officers-fit").facts == {"count": 2, "least": 2}


def test_the_same_officer_named_twice_is_one() -> None:
    refused(scene(officers=(FIT, FIT)), "gate.officers-too-few")


def test_how_many_officers_is_a_row() -> None:
    refused(scene(numbers=numbers(officers_per_agency=3)), "gate.officers-too-few")
    assert judge(scene(officers=(FIT,), numbers=numbers(officers_per_agency=1))).outcome is Outcome.ALLOW


def test_a_demand_of_a_round_has_its_officers_drawn_later() -> None:
    verdict = judge(scene(officers=(), planned=True))
    assert verdict.outcome is Outcome.ALLOW
    assert "gate.officers-drawn-later" in codes(verdict)


def test_a_demand_of_a_round_that_names_officers_is_looked_at() -> None:
    refused(scene(officers=(FIT,), planned=True), "gate.officers-too-few")


def test_a_courtesy_call_may_be_made_by_one() -> None:
    facts = scene(officers=(FIT,), trigger="courtesy", kind=ContactKind.COURTESY)
    assert judge(facts).outcome is Outcome.ALLOW


def test_a_result_stands_in_without_any_officer() -> None:
    assert judge(scene(officers=(), results=(result(),))).outcome is Outcome.RECOGNISE


@pytest.mark.parametrize(
    ("unfit", "code", "item_code"),
    [
        (officer("c2", known=False), "gate.officer-unknown", ""),
        (officer("c2", agency="110112-fire"), "gate.officer-not-of-agency", ""),
        (officer("c2", active=False), "gate.officer-not-in-service", ""),
        (officer("c2", recused="shareholder"), "gate.officer-recused", ""),
        (officer("c2", competences=("gas",)), "gate.officer-not-competent", "food"),
        (officer("c2", valid_until=date(2026, 3, 8)), "gate.certificate-not-valid", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unfit_officer_does_not_enter(unfit: OfficerFacts, code: str, item_code: str) -> None:
    refused(scene(officers=(FIT, unfit)), code, item_code)


def test_a_certificate_that_nothing_is_known_of_is_unknown() -> None:
    facts = scene()
    refused(replace(facts, officers=facts.officers[:1]), "gate.officer-unknown")


def test_every_unfit_officer_is_told() -> None:
    verdict = judge(scene(officers=(officer("c1", active=False), officer("c2", active=False))))
    told = [row.facts["officer"] for row in verdict.grounds if row.code == "gate.officer-not-in-service"]
    assert told == ["Officer c1", "Officer c2"]


def test_competence_for_the_item_alone_is_enough() -> None:
    officers = (FIT, officer("c2", competences=("food",)))
    assert judge(scene(officers=officers)).outcome is Outcome.ALLOW
    verdict = judge(scene(item(), item("gas"), officers=officers))
    assert ground(verdict, "gate.officer-not-competent").item == "gas"


def test_a_certificate_valid_from_later_waits_for_it() -> None:
    start = date(2026, 4, 1)
    verdict = judge(scene(officers=(FIT, officer("c2", valid_from=start))))
    assert (verdict.outcome, verdict.until) == (Outcome.DEFER, start)


def test_a_certificate_that_ends_inside_the_window_holds_until_its_last_day() -> None:
    verdict = judge(scene(officers=(FIT, officer("c2", valid_until=date(2026, 3, 9)))))
    assert verdict.on == date(2026, 3, 9)


def test_what_is_open_again_too_late_is_refused_and_says_why() -> None:
    """Quiet until the 26th, and the certificate ends on the 20th."""
    leaving = officer("c2", valid_until=date(2026, 3, 20))
    verdict = judge(scene(officers=(FIT, leaving), quiet=(quiet(6, 25),)))
    assert verdict.outcome is Outcome.REFUSE
    assert barring(verdict) == {"gate.quiet-day": Bars.NEW_VISIT}
    assert ground(verdict, "gate.certificate-not-valid").until is None


def futile(*on: date, found: bool | None = False, who: str = "c1") -> tuple[ContactFacts, ...]:
    return tuple(contact(day, officers=(who, "c9"), found=found) for day in on)


DAYS = (date(2025, 5, 5), date(2025, 8, 4), date(2025, 11, 3))


def test_three_visits_without_a_finding_want_a_reason() -> None:
    verdict = judge(scene(contacts=futile(*DAYS)))
    assert barring(verdict) == {"gate.futile-visits": Bars.ENTRY}
    assert verdict.wants == ("gate.futile-visits",)
    assert verdict.outcome is Outcome.REFUSE
    told = ground(verdict, "gate.futile-visits")
    assert told.facts["officer"] == "Officer c1"
    assert [row.code for row in told.rows] == ["futile-visits", "futile-within-days"]


def test_with_a_reason_the_officer_comes_and_the_reason_stays() -> None:
    verdict = judge(scene(contacts=futile(*DAYS), reasons={"gate.futile-visits": "new premises"}))
    assert verdict.outcome is Outcome.ALLOW
    told = ground(verdict, "gate.futile-visits")
    assert told.bars is Bars.NOTHING
    assert told.facts["reason"] == "new premises"


@pytest.mark.parametrize(
    "contacts",
    [
        futile(*DAYS[1:]),
        (*futile(*DAYS[:2]), *futile(DAYS[2], found=True)),
        (*futile(*DAYS[:2]), *futile(DAYS[2], who="c7")),
        futile(TODAY - timedelta(days=500), *DAYS[1:]),
    ],
    ids=["two only", "one with a finding", "one by another", "one long ago"],
)
def test_fewer_or_fruitful_visits_want_no_reason(contacts: tuple[ContactFacts, ...]) -> None:
    assert judge(scene(contacts=contacts)).outcome is Outcome.ALLOW


def test_a_finding_before_three_futile_visits_does_not_help() -> None:
    contacts = (*futile(date(2025, 4, 1), found=True), *futile(*DAYS))
    assert judge(scene(contacts=contacts)).wants == ("gate.futile-visits",)


def test_both_a_reason_and_an_approval_may_be_wanted() -> None:
    verdict = judge(scene(contacts=futile(*DAYS), approved_by=""))
    assert set(verdict.wants) == {"gate.approval-missing", "gate.futile-visits"}


def test_what_cannot_be_answered_leaves_nothing_to_want() -> None:
    verdict = judge(scene(contacts=futile(*DAYS), officers=(FIT,)))
    assert verdict.wants == ()
    assert set(barring(verdict)) == {"gate.futile-visits", "gate.officers-too-few"}


def test_the_same_inspector_twice_in_a_row_is_remarked_on() -> None:
    verdict = judge(scene(contacts=futile(DAYS[0])))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.same-officer-twice").bars is Bars.NOTHING
    between = (*futile(DAYS[0]), contact(DAYS[1]))
    assert "gate.same-officer-twice" not in codes(judge(scene(contacts=between)))
