"""What is said inside and never told outside: the class of an enterprise (国市监信发〔2022〕6号, decision 0007)."""

from __future__ import annotations

import re

_CLASS_WORDS = re.compile(r"[A-D]\s*[类级]|class\s+[A-D]\b|风险(分类|等级)|信用(分类|等级)", re.IGNORECASE)


def names_class(text: str) -> bool:
    """Whether words that somebody outside is to read name a class, or speak of classes."""
    return _CLASS_WORDS.search(text) is not None
