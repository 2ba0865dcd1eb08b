"""Words of documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["pdf", "png"]
"""A document of any number of pages, or the picture of the one page there is."""


class NotPrintable(RuntimeError):
    """The page cannot be set as it should: a missing font prints boxes, so any warning is an error."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one document of a template says: `data` as the template reads it, `images` as text of SVG by name."""

    data: Mapping[str, object]
    images: Mapping[str, str] = field(default_factory=dict)
