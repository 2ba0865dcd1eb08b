"""Which header of a table of inspections is what: by the names in use, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from yicha.kernel import cells
from yicha.kernel.refusal import Reason
from yicha.share.evaluation.terms.ordering import Role


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


NAMES: Mapping[Role, tuple[str, ...]] = {
    Role.DATE: _names(
        "检查日期, 检查时间, 抽查日期, 实施日期, 日期, 时间, "
        "inspection date, visited on, made on, visit date, date, day"
    ),
    Role.FOUND: _names(
        "是否发现问题, 是否有问题, 发现问题, 问题数, 发现问题数, 检查结果, 结果代码, 结果, critical found, found, "
        "finding, findings, problem found, problem, positive, critical count, violation found, violations found, "
        "violation, violations, critical violation, critical violations, any violation, has violation, result code, "
        "outcome, result, results, failed, label, target, actual"
    ),
    Role.OBJECT: _names(
        "统一社会信用代码, 社会信用代码, 检查对象, 被检查对象, 企业名称, 主体名称, 经营主体, 市场主体, 单位名称, 企业, "
        "对象, uscc, object, enterprise, license, licence, license number, licence number, establishment, facility, "
        "business, business id, camis"
    ),
    Role.OFFICER: _names(
        "执法证号, 执法人员, 检查人员, 检查人, 执法证, certificate, officer, officer id, inspector assigned, "
        "inspector, inspector id, sanitarian, inspected by"
    ),
    Role.SCORE: _names(
        "风险评分, 风险得分, 风险分, 风险值, 评分, 得分, 分数, risk score, score, glm pred test, glm pred, "
        "inspection priority, priority, prediction, predicted, "
        "predicted probability, pred, pred prob, y pred, model score, probability, prob"
    ),
    Role.SPLIT: _names("测试集, 是否测试, 分组, 数据集, test, is test, split, set, part"),
}
"""The names of each column, the best first: of two that a table has, the earlier is taken."""

_SEPARATORS = re.compile(r"[\s_.\-/:：*]+")
_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def normalise(header: str) -> str:
    """A header as it is compared: half-width, without case, brackets, separators and inner capitals."""
    text = cells.narrow_all(cells.tidy(header)).partition("(")[0]
    return _SEPARATORS.sub("", _CAPITALS.sub(" ", text)).casefold()


_KNOWN: Mapping[Role, Mapping[str, int]] = {
    role: {normalise(name): rank for rank, name in reversed(list(enumerate(names)))}
    for role, names in NAMES.items()
}


def meaning(header: str) -> Role | None:
    """What a header's name says, whether or not another column is taken for it."""
    name = normalise(header)
    return next((role for role, known in _KNOWN.items() if name in known), None)


_OUTCOMES = frozenset(
    _names(
        "violation, violations, finding, findings, found, result, results, outcome, fail, failed, pass, passed, "
        "critical, serious, minor, penalty, fine, fined, citation, citations"
    )
)
_PAST = frozenset(_names("past, previous, prior, last, former, before, history, historical, ever"))
_OUTCOMES_ZH = re.compile("问题|结果|处罚|罚款|违法|违规|整改|责令")
_PAST_ZH = re.compile("以往|历史|过去|上次|此前|之前|往年|上年|累计|近[一二三\\d]")


def tells_outcome(header: str) -> bool:
    """Whether a header speaks of what was found, and not of earlier inspections: written afterwards, most likely."""
    words = set(
        _SEPARATORS.sub(" ", _CAPITALS.sub(" ", cells.narrow_all(cells.tidy(header)))).casefold().split()
    )
    english = bool(words & _OUTCOMES) and not words & _PAST
    return english or bool(_OUTCOMES_ZH.search(header) and not _PAST_ZH.search(header))


def recognise(headers: Sequence[str], named: Mapping[Role, str]) -> dict[Role, str]:
    """The header of every role that the table has. `named` is exact and comes first."""
    found: dict[Role, str] = {role: header for role, header in named.items() if header}
    for role, known in _KNOWN.items():
        if role in found:
            continue
        taken = set(found.values())
        fits = [header for header in headers if normalise(header) in known and header not in taken]
        if fits:
            found[role] = min(fits, key=lambda header: known[normalise(header)])
    return found


def header_reasons(
    headers: Sequence[str], named: Mapping[Role, str], features: Sequence[str]
) -> list[Reason]:
    """Why a table cannot be read with these names: repeated headers, names it does not have, no date, no finding."""
    there = "、".join(header for header in headers if header)
    reasons = [
        Reason(
            "evaluation.header-repeated",
            "The header “%(header)s” stands over several columns. Give each column its own.",
            facts={"header": header},
        )
        for header in dict.fromkeys(headers)
        if header and list(headers).count(header) > 1
    ]
    reasons += [
        Reason(
            "evaluation.column-unknown",
            "There is no column “%(column)s”. The table has: %(headers)s.",
            facts={"column": column, "headers": there},
            at_field=field,
        )
        for field, column in [(role.value, name) for role, name in named.items()]
        + [("features", name) for name in features]
        if column and column not in headers
    ]
    found = recognise(headers, named)
    if Role.DATE not in found:
        reasons.append(
            Reason(
                "evaluation.column-missing",
                "No column is known to say the day (such as 检查日期, inspection_date). Name it; the table has: "
                "%(headers)s.",
                facts={"headers": there},
                at_field=Role.DATE.value,
            )
        )
    if Role.FOUND not in found:
        reasons.append(
            Reason(
                "evaluation.column-missing",
                "No column is known to say whether something was found (such as 是否发现问题, found). Name it; the "
                "table has: %(headers)s.",
                facts={"headers": there},
                at_field=Role.FOUND.value,
            )
        )
    return reasons
