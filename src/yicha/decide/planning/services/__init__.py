"""The only writers of plans, rounds, demands and of who goes. `actor` is the ledger's name, `now` an aware instant."""

from yicha.decide.planning.services.comments import answer_comment, comment
from yicha.decide.planning.services.demands import collect_demands
from yicha.decide.planning.services.drafting import (
    add_entry,
    change_entry,
    remove_entry,
    save_entries,
    take_in,
)
from yicha.decide.planning.services.draws import close_round, freeze_draw, open_round, start_draw
from yicha.decide.planning.services.due import collect_due, prescribe_check
from yicha.decide.planning.services.matching import match, preview_match
from yicha.decide.planning.services.merging import accept_breach, rule_overlap
from yicha.decide.planning.services.parts import (
    give_part_back,
    let_fall,
    move_part_off_site,
    withdraw_waiting,
)
from yicha.decide.planning.services.plans import (
    amend_plan,
    approve_plan,
    create_plan,
    publish_plan,
    publish_plans,
    return_plan,
    submit_plan,
)
from yicha.decide.planning.services.returning import hold_round, return_visits, split_visit
from yicha.decide.planning.services.runs import (
    ask_freeze,
    ask_match,
    ask_open,
    ask_screen,
    collect_and_match,
    collect_and_screen,
    run_match,
)
from yicha.decide.planning.services.screening import reopen_spared, screen
from yicha.decide.planning.services.staffing import (
    apply_officers,
    freeze_officers_draw,
    start_officers_draw,
)

__all__ = [
    "accept_breach",
    "add_entry",
    "amend_plan",
    "answer_comment",
    "apply_officers",
    "approve_plan",
    "ask_freeze",
    "ask_match",
    "ask_open",
    "ask_screen",
    "change_entry",
    "close_round",
    "collect_and_match",
    "collect_and_screen",
    "collect_demands",
    "collect_due",
    "comment",
    "create_plan",
    "freeze_draw",
    "freeze_officers_draw",
    "give_part_back",
    "hold_round",
    "let_fall",
    "match",
    "move_part_off_site",
    "open_round",
    "prescribe_check",
    "preview_match",
    "publish_plan",
    "publish_plans",
    "remove_entry",
    "reopen_spared",
    "return_plan",
    "return_visits",
    "rule_overlap",
    "run_match",
    "save_entries",
    "screen",
    "split_visit",
    "start_draw",
    "start_officers_draw",
    "submit_plan",
    "take_in",
    "withdraw_waiting",
]
