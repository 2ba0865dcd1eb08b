"""What stands in the cells of items and joint lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yicha.kernel import cells
from yicha.kernel.cells import Noted, Read
from yicha.kernel.refusal import Reason
from yicha.know.catalogue.terms import ItemStatus, Method, Weight

MOST_PAPER = 100
"""Characters of a paper's name, as its column has them."""
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_code(text: str) -> Read:
    read = cells.read_code(text)
    code = read.value if isinstance(read, Noted) else read
    if isinstance(code, str) and _CODE.fullmatch(code):
        return read
    return Reason(
        "code", "“%(value)s” is no code: letters, digits, - and _, at most 64.", facts={"value": text}
    )


def read_codes(text: str) -> Read:
    return ";".join(cells.split_list(text))


def read_papers(text: str) -> Read:
    """Names of papers as an array of PostgreSQL, each once, in their order."""
    papers = list(dict.fromkeys(cells.split_list(text)))
    if any(len(paper) > MOST_PAPER for paper in papers):
        return Reason(
            "paper-long", "A paper's name has at most %(most)s characters.", facts={"most": MOST_PAPER}
        )
    return _array(papers)


def read_equipment(text: str) -> Read:
    """Codes of equipment as an array of PostgreSQL; a code that no agency counts stays, and nobody can bring it."""
    return _array(list(dict.fromkeys(cells.split_list(text))))


def _array(texts: Sequence[str]) -> str:
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


read_method = cells.choice(
    {
        **{method.value: method.value for method in Method},
        "on-site": Method.ONSITE.value,
        "现场检查": Method.ONSITE.value,
        "实地核查": Method.ONSITE.value,
        "书面检查": Method.WRITTEN.value,
        "非现场监管": Method.OFFSITE.value,
        "网络监测": Method.OFFSITE.value,
    },
    "method",
)
read_weight = cells.choice(
    {
        **{weight.value: weight.value for weight in Weight},
        "一般检查事项": Weight.GENERAL.value,
        "一般": Weight.GENERAL.value,
        "重点检查事项": Weight.KEY.value,
        "重点": Weight.KEY.value,
    },
    "weight",
)
read_status = cells.choice(
    {
        **{status.value: status.value for status in ItemStatus},
        "草案": ItemStatus.DRAFT.value,
        "已公布": ItemStatus.PUBLISHED.value,
        "公布": ItemStatus.PUBLISHED.value,
        "已废止": ItemStatus.RETIRED.value,
        "废止": ItemStatus.RETIRED.value,
    },
    "status",
)
