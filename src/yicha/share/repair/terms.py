"""Words of what reaches above a record's ending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yicha.know.credit.terms.repairs import Use


@dataclass(frozen=True, slots=True)
class ReaderTold:
    """A partner's system that follows events, of an agency (its name). `has_taken`: it took the ending over."""

    name: str
    agency: str
    has_taken: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """A use's receipt as it stands now. `at` None: the use has not let go yet. `readers` are of PARTNERS."""

    use: Use
    at: datetime | None
    detail: dict[str, Any]
    readers: tuple[ReaderTold, ...] = ()
