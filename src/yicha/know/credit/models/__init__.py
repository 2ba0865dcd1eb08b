"""Tables of credit and risk."""

from __future__ import annotations

from yicha.know.credit.models.records import KINDS, SEVERITIES, STATES, CreditRecord
from yicha.know.credit.models.repairs import (
    CAUSES,
    REPAIR_STATES,
    USES,
    Ending,
    Receipt,
    Repair,
    RepairStep,
)
from yicha.know.credit.models.scoring import (
    MODEL_STATES,
    RUN_KINDS,
    RUN_STATES,
    ClassChange,
    ClassFlow,
    ClassRun,
    ClassTouch,
    RiskModel,
    SignOff,
    Standing,
)
from yicha.know.credit.models.warnings import WARNING_KINDS, WARNING_STATES, CreditWarning

__all__ = [
    "CAUSES",
    "KINDS",
    "MODEL_STATES",
    "REPAIR_STATES",
    "RUN_KINDS",
    "RUN_STATES",
    "SEVERITIES",
    "STATES",
    "USES",
    "WARNING_KINDS",
    "WARNING_STATES",
    "ClassChange",
    "ClassFlow",
    "ClassRun",
    "ClassTouch",
    "CreditRecord",
    "CreditWarning",
    "Ending",
    "Receipt",
    "Repair",
    "RepairStep",
    "RiskModel",
    "SignOff",
    "Standing",
]
