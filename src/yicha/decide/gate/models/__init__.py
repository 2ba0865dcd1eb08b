"""Tables of the gate."""

from yicha.decide.gate.models.applications import Application, Turn, VisitCode
from yicha.decide.gate.models.rows import CampaignApproval, QuietDays, TriggerRule

__all__ = ["Application", "CampaignApproval", "QuietDays", "TriggerRule", "Turn", "VisitCode"]
