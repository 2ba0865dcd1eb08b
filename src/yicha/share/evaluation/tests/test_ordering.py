"""Evaluating a whole table: what is learnt, what is never used, what is refused, what is said."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from yicha.kernel.refusal import Refused
from yicha.share.evaluation import queries, services
from yicha.share.evaluation.rules.headers import tells_outcome
from yicha.share.evaluation.terms.ordering import Ordering as By
from yicha.share.evaluation.terms.ordering import OrderingReport, Question, Role, Ties
from yicha.share.evaluation.tests import tables_made
from yicha.share.evaluation.tests.tables_made import Truth


def evaluate(path: Path, question: Question | None = None) -> OrderingReport:
    return services.evaluate_ordering(path=path, name=path.name, question=question or Question())


def refused(path: Path, question: Question | None = None) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        evaluate(path, question)
    return caught.value.codes


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tables_made.write(tmp_path / "检查.csv", tables_made.inspections(Truth()))


def scored(tmp_path: Path, headers: tuple[str, ...] = ("date", "found", "score"), rows: int = 200) -> Path:
    """A table as an evaluated ordering comes: day, finding, score; nothing else."""
    chance = np.random.default_rng(2)
    made = [
        (
            (date(2014, 9, 1) + timedelta(days=int(chance.integers(60)))).isoformat(),
            int(chance.random() < 0.2),
            round(float(chance.random()), 6),
        )
        for _ in range(rows)
    ]
    return tables_made.write(tmp_path / "scored.csv", made, headers)


def test_orderings_that_know_the_risk_beat_chance_and_stay_below_the_oracle(table: Path) -> None:
    report = evaluate(table)
    assert [one.ordering for one in report.section.measured] == [
        By.RULE,
        By.OFFICER,
        By.LOGISTIC,
        By.BOOSTING,
        By.ORACLE,
    ]
    oracle = report.section.find(By.ORACLE)
    assert oracle is not None
    for ordering in (By.RULE, By.LOGISTIC, By.BOOSTING):
        one = report.section.find(ordering)
        assert one is not None
        assert one.beats_random, ordering
        assert one.days_earlier < oracle.days_earlier
    officer = report.section.find(By.OFFICER)
    assert officer is not None
    assert not officer.beats_random


def test_the_part_to_learn_from_ends_before_the_part_that_is_measured(table: Path) -> None:
    report = evaluate(table)
    assert report.train_until is not None
    assert report.train_until < report.section.first_on
    assert report.train_rows + report.section.rows == report.rows
    span = (report.section.last_on - tables_made.FIRST).days
    assert 0.2 < (report.section.last_on - report.section.first_on).days / span < 0.3


def test_nothing_of_the_part_after_reaches_what_was_learnt(tmp_path: Path) -> None:
    """Turning every outcome of the part after round leaves every order as it was."""
    rows = tables_made.inspections(Truth())
    question = Question(test_from=date(2025, 7, 1))
    turned = [
        (*row[:6], ("否" if row[6] == "是" else "是") if str(row[0]) >= "2025-07-01" else row[6])
        for row in rows
    ]
    first = evaluate(tables_made.write(tmp_path / "a.csv", rows), question).section
    second = evaluate(tables_made.write(tmp_path / "b.csv", turned), question).section
    for ordering in (By.RULE, By.LOGISTIC, By.BOOSTING, By.OFFICER):
        one, other = first.find(ordering), second.find(ordering)
        assert one is not None
        assert other is not None
        # findings and the rest share the same calendar, so what one gains the other loses
        assert one.days_earlier * first.findings + other.days_earlier * second.findings == pytest.approx(
            0, abs=1e-6
        )


def test_the_same_seed_gives_the_same_report_and_so_does_another_order_of_the_rows(
    tmp_path: Path, table: Path
) -> None:
    first = evaluate(table)
    assert first == evaluate(table)
    rows = tables_made.inspections(Truth())
    other = evaluate(tables_made.write(tmp_path / "检查2.csv", rows[::-1]))
    for one in first.section.measured:
        same = other.section.find(one.ordering)
        assert same is not None
        if one.ordering is not By.BOOSTING:  # its sums of floating numbers hang on the order of the rows
            assert same.days_earlier == pytest.approx(one.days_earlier, abs=0.05)


def test_officer_features_are_off_and_then_the_report_says_what_they_add(tmp_path: Path) -> None:
    path = tables_made.write(tmp_path / "t.csv", tables_made.inspections(Truth(risk=0.3, officer=0.5)))
    without = evaluate(path)
    assert not without.added
    assert "科室" in dict(without.left_out)
    assert dict(without.left_out)["科室"].code == "evaluation.feature-of-officer"
    assert "执法人员" not in without.features
    knowing = evaluate(path, Question(with_officer=True))
    assert {added.ordering for added in knowing.added} == {By.LOGISTIC, By.BOOSTING}
    for added in knowing.added:
        assert added.low > 0
        assert added.low < added.days < added.high
    assert "evaluation.leak" in [note.code for note in knowing.notes]


def test_a_score_that_only_knows_the_officer_is_shown_to_know_nothing_else(tmp_path: Path) -> None:
    rows = tables_made.inspections(Truth(risk=0.0, officer=0.6))
    made = [(row[0], row[2], row[6], int(str(row[2])[2:]) / 9) for row in rows]
    headers = ("date", "officer", "found", "score")
    report = evaluate(tables_made.write(tmp_path / "t.csv", made, headers))
    score = report.sections[0].find(By.SCORE)
    assert score is not None
    assert score.beats_random
    even = evaluate(tables_made.write(tmp_path / "e.csv", [(*row[:3], 1) for row in made], headers))
    nothing = even.sections[0].find(By.SCORE)
    assert nothing is not None
    assert score.within_officers == nothing.within_officers  # as much as a score that says nothing
    assert "evaluation.score-within" in [note.code for note in report.notes]


def test_a_score_is_measured_on_the_whole_table_when_no_parts_are_named(tmp_path: Path) -> None:
    report = evaluate(scored(tmp_path))
    assert [section.whole for section in report.sections] == [True, False]
    assert report.sections[0].rows == 200
    assert {"evaluation.no-object", "evaluation.no-officer"} <= {note.code for note in report.notes}


def test_equal_scores_in_file_order_are_what_a_stable_sort_gives(tmp_path: Path) -> None:
    rows = [(f"2014-09-{day:02}", int(day % 5 == 0), 0.5) for day in range(1, 31)]
    path = tables_made.write(tmp_path / "t.csv", rows, ("date", "found", "score"))
    as_in_file = evaluate(path, Question(ties=Ties.FILE)).sections[0].find(By.SCORE)
    mean = evaluate(path).sections[0].find(By.SCORE)
    assert as_in_file is not None
    assert mean is not None
    assert as_in_file.days_earlier == 0.0
    assert mean.days_earlier == pytest.approx(
        17.5 - 15.5
    )  # the mean finding lies on the 17.5th, the mean day is 15.5
    assert mean.tied == 1.0


@pytest.mark.parametrize(
    ("date_", "found"),
    [
        ("2014/9/2", "yes"),
        ("2014年9月2日", "是"),
        ("20140902", "有"),
        ("2014-09-02 00:00:00", "TRUE"),
        ("2014-09-02T13:45:00", "发现问题已责令改正"),
        ("09/02/2014", "3"),
        ("２０１４-０９-０２", "不合格"),
    ],
)
def test_usual_forms_of_days_and_findings_are_understood(tmp_path: Path, date_: str, found: str) -> None:
    rows = [("09/30/2014" if "/0" in date_ else "2014-09-30", "0", 0.1 + index) for index in range(25)]
    path = tables_made.write(
        tmp_path / "t.csv", [(date_, found, 99), *rows], ("检查日期", "检查结果", "风险评分")
    )
    section = evaluate(path).sections[0]
    assert section.first_on == date(2014, 9, 2)
    assert section.findings == 1


def test_published_result_codes_are_not_taken_for_counts(tmp_path: Path) -> None:
    rows = [
        (f"2026-07-{day:02}", code, day)
        for day, code in zip(range(1, 31), ["01", "02", "07", "10"] * 8, strict=False)
    ]
    path = tables_made.write(tmp_path / "t.csv", rows, ("检查日期", "结果代码", "评分"))
    assert evaluate(path).sections[0].findings == 7


def test_a_workbook_is_read_like_a_text_file(tmp_path: Path, table: Path) -> None:
    path = tmp_path / "检查.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([tables_made.HEADERS, *tables_made.inspections(Truth())]):
            sheet.write_row(number, 0, row)
    first, second = evaluate(table).section, evaluate(path).section
    assert first.rows == second.rows
    assert first.find(By.RULE) == second.find(By.RULE)


def test_a_column_that_gives_the_outcome_away_is_left_out_and_named(tmp_path: Path) -> None:
    rows = [
        (*row, 3 if row[6] == "是" else 0, "x" if row[6] == "是" else "")
        for row in tables_made.inspections(Truth())
    ]
    path = tables_made.write(tmp_path / "t.csv", rows, (*tables_made.HEADERS, "备注数", "criticalCount"))
    left_out = {header: reason.code for header, reason in evaluate(path).left_out}
    assert left_out["备注数"] == "evaluation.feature-gives-away"
    assert left_out["criticalCount"] == "evaluation.feature-of-outcome"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("seriousCount", True),
        ("pass_flag", True),
        ("Violations (text)", True),
        ("罚款金额", True),
        ("整改期限", True),
        ("pastSerious", False),
        ("previous_violations", False),
        ("历史处罚次数", False),
        ("近三年问题数", False),
        ("compass", False),
        ("员工数", False),
    ],
)
def test_a_header_that_speaks_of_what_was_found_is_known_from_one_that_speaks_of_the_past(
    header: str, told: bool
) -> None:
    assert tells_outcome(header) is told


def test_what_belongs_to_the_object_is_a_feature_although_each_officer_has_one_value_of_it(
    tmp_path: Path,
) -> None:
    """Officers who work in one district each: the district is still the enterprise's."""
    rows = [
        (
            *row[:2],
            f"{row[2]}-{int(str(row[1])[1:]) % 2}",
            *row[3:],
            "通州" if int(str(row[1])[1:]) % 2 else "大兴",
        )
        for row in tables_made.inspections(Truth())
    ]
    report = evaluate(tables_made.write(tmp_path / "t.csv", rows, (*tables_made.HEADERS, "区")))
    assert "区" in report.features
    assert dict(report.left_out)["科室"].code == "evaluation.feature-of-officer"


def test_named_features_are_used_and_nothing_else(table: Path) -> None:
    assert evaluate(table, Question(features=("行业",))).features == ("行业",)


def test_days_can_be_named(table: Path) -> None:
    question = Question(
        train_until=date(2025, 3, 31), test_from=date(2025, 6, 1), test_until=date(2025, 8, 31)
    )
    report = evaluate(table, question)
    assert report.train_until is not None
    assert report.train_until <= date(2025, 3, 31)
    assert date(2025, 6, 1) <= report.section.first_on <= report.section.last_on <= date(2025, 8, 31)


def test_a_column_that_splits_in_time_order_is_followed(tmp_path: Path) -> None:
    rows = [
        (*row, "test" if str(row[0]) >= "2025-10-01" else "train") for row in tables_made.inspections(Truth())
    ]
    report = evaluate(tables_made.write(tmp_path / "t.csv", rows, (*tables_made.HEADERS, "split")))
    assert report.section.first_on >= date(2025, 10, 1)
    assert report.columns[Role.SPLIT] == "split"


def test_a_split_at_random_is_refused(tmp_path: Path) -> None:
    rows = [(*row, index % 4 == 0) for index, row in enumerate(tables_made.inspections(Truth()))]
    path = tables_made.write(tmp_path / "t.csv", rows, (*tables_made.HEADERS, "test"))
    assert refused(path) == ("evaluation.not-in-time-order",)


def test_days_that_overlap_are_refused(table: Path) -> None:
    question = Question(train_until=date(2025, 9, 1), test_from=date(2025, 6, 1))
    assert refused(table, question) == ("evaluation.not-in-time-order",)


def test_an_unknown_column_is_refused_with_what_there_is(table: Path) -> None:
    with pytest.raises(Refused) as caught:
        evaluate(table, Question(columns={Role.DATE: "日子"}, features=("面积",)))
    assert caught.value.codes == ("evaluation.column-unknown", "evaluation.column-unknown")
    assert "检查日期" in str(caught.value)


def test_a_table_without_a_day_is_refused(tmp_path: Path) -> None:
    path = tables_made.write(tmp_path / "t.csv", [("a", 1)] * 30, ("企业", "found"))
    assert refused(path) == ("evaluation.column-missing",)


def test_days_that_cannot_be_read_are_refused_with_their_rows(tmp_path: Path) -> None:
    rows = [["2026-07-01", 1, 1]] * 5 + [["soon", 0, 1]] + [["2026-02-30", 0, 1]] * 2
    path = tables_made.write(tmp_path / "t.csv", rows, ("date", "found", "score"))
    with pytest.raises(Refused) as caught:
        evaluate(path)
    assert caught.value.codes == ("evaluation.unreadable",)
    assert "3 cells of “date”" in str(caught.value)
    assert "7 “soon”" in str(caught.value)


def test_days_of_which_nobody_can_tell_the_month_are_refused(tmp_path: Path) -> None:
    path = tables_made.write(tmp_path / "t.csv", [("03/04/2014", 1, 1)] * 30, ("date", "found", "score"))
    assert refused(path) == ("evaluation.unreadable",)


def test_a_table_in_which_nothing_was_found_is_refused(tmp_path: Path) -> None:
    rows = [(f"2026-07-{1 + index % 28:02}", 0, index) for index in range(200)]
    assert refused(tables_made.write(tmp_path / "t.csv", rows, ("date", "found", "score"))) == (
        "evaluation.no-findings",
    )


def test_too_few_inspections_are_refused(tmp_path: Path) -> None:
    assert refused(scored(tmp_path, rows=19)) == ("evaluation.too-few",)


def test_a_past_in_which_every_inspection_ended_the_same_way_teaches_nothing_and_is_refused(
    tmp_path: Path,
) -> None:
    rows = [
        (*row[:6], "否" if str(row[0]) < "2025-07-01" else row[6]) for row in tables_made.inspections(Truth())
    ]
    path = tables_made.write(tmp_path / "t.csv", rows)
    assert refused(path, Question(test_from=date(2025, 7, 1))) == ("evaluation.one-class",)


def test_the_officer_as_a_feature_needs_to_be_asked_for(table: Path) -> None:
    assert refused(table, Question(features=("执法人员",))) == ("evaluation.feature-needs-officer",)


def test_the_outcome_cannot_be_a_feature(table: Path) -> None:
    assert refused(table, Question(features=("是否发现问题",))) == ("evaluation.feature-is-outcome",)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"%PDF-1.7 something else")
    assert refused(path) == ("import.not-what-its-name-says",)


def test_a_row_longer_than_the_header_is_refused(tmp_path: Path) -> None:
    path = tables_made.write(tmp_path / "t.csv", [("2026-07-01", 1, "x")] * 30, ("date", "found"))
    assert refused(path) == ("evaluation.row-too-long",)


def test_the_report_as_json_has_everything(table: Path) -> None:
    document = json.loads(queries.dump(evaluate(table)))
    assert document["sections"][0]["measured"][0]["ordering"] == "rule"
    assert document["columns"]["date"] == "检查日期"
    assert set(document["sections"][0]["chance"]) >= {"mean", "low", "high"}


def test_a_report_that_was_kept_is_the_same_when_it_is_shown_again(table: Path) -> None:
    report = evaluate(table, Question(with_officer=True))
    assert queries.restore(json.loads(json.dumps(queries.keep(report)))) == report


def test_a_score_that_was_made_from_the_outcome_is_called_so(tmp_path: Path) -> None:
    rows = [
        (f"2026-07-{1 + index % 28:02}", int(index % 5 == 0), int(index % 5 == 0) * 10)
        for index in range(200)
    ]
    report = evaluate(tables_made.write(tmp_path / "t.csv", rows, ("date", "found", "score")))
    assert "evaluation.score-gives-away" in [note.code for note in report.notes]


def test_a_table_with_a_test_column_and_scores_for_that_part_alone_is_taken_as_it_is(tmp_path: Path) -> None:
    """The shape of the published evaluation's own table: counts beside the outcome, NA where nothing was scored."""
    rows = []
    for number, row in enumerate(tables_made.inspections(Truth())):
        test, found = str(row[0]) >= "2025-10-01", row[6] == "是"
        score = f"{(number * 7919 % 1000) / 1000:.3f}" if test else "NA"
        rows.append(
            (
                2_000_000 + number,
                row[0],
                row[1],
                row[2],
                int(found),
                2 * found,
                str(test).upper(),
                score,
                row[4],
            )
        )
    headers = (
        "Inspection_ID",
        "Inspection_Date",
        "License",
        "Inspector_Assigned",
        "criticalFound",
        "criticalCount",
    )
    path = tables_made.write(tmp_path / "t.csv", rows, (*headers, "Test", "glm_pred_test", "size"))
    report = evaluate(path)
    assert report.columns == {
        Role.DATE: "Inspection_Date",
        Role.FOUND: "criticalFound",
        Role.OBJECT: "License",
        Role.OFFICER: "Inspector_Assigned",
        Role.SCORE: "glm_pred_test",
        Role.SPLIT: "Test",
    }
    assert report.features == ("size",)
    assert [section.whole for section in report.sections] == [False]
    assert report.section.first_on == date(2025, 10, 1)
    assert report.section.find(By.SCORE) is not None
