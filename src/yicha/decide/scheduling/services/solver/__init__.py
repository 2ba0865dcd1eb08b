"""The solver of calendars: facts in, a calendar with proven bounds out. No tables, no clock; OR-Tools inside."""

from yicha.decide.scheduling.services.solver.solving import solve

__all__ = ["solve"]
