"""Freezing tables of PostgreSQL, computing on them, and bringing results back."""

from yicha.base.lake.services.copying import copy_back, digest
from yicha.base.lake.services.engine import open_engine
from yicha.base.lake.services.keeping import drop, verify
from yicha.base.lake.services.taking import take
from yicha.base.lake.services.tidying import tidy

__all__ = ["copy_back", "digest", "drop", "open_engine", "take", "tidy", "verify"]
