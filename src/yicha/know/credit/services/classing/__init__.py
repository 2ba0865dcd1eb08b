"""Classifying: everybody on a snapshot, or the few that something touched. Both give the same answer."""

from __future__ import annotations

from yicha.know.credit.services.classing.everybody import begin_run, classify_all, run_classification
from yicha.know.credit.services.classing.showing import hold
from yicha.know.credit.services.classing.touched import reclassify, settle

__all__ = ["begin_run", "classify_all", "hold", "reclassify", "run_classification", "settle"]
