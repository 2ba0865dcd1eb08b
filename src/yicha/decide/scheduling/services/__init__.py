"""The only writers of calendars, and the solver. `actor` is the ledger's name, `now` an aware instant."""

from yicha.decide.scheduling.services.asking import ask_answers
from yicha.decide.scheduling.services.keeping import keep
from yicha.decide.scheduling.services.moving import list_free_slots, move, pin, try_move, unpin
from yicha.decide.scheduling.services.replanning import ask_slot, lose_day, officer_absent, officers_drawn
from yicha.decide.scheduling.services.running import ask_schedule, discard, run_schedule, stop
from yicha.decide.scheduling.services.working import bury

__all__ = [
    "ask_answers",
    "ask_schedule",
    "ask_slot",
    "bury",
    "discard",
    "keep",
    "list_free_slots",
    "lose_day",
    "move",
    "officer_absent",
    "officers_drawn",
    "pin",
    "run_schedule",
    "stop",
    "try_move",
    "unpin",
]
