"""The only writers of dispatch: prepare, approve, notify, withdraw; what follows a move, and what time brings."""

from yicha.act.dispatch.services.approving import approve
from yicha.act.dispatch.services.feeds import make_feed, revoke_feed
from yicha.act.dispatch.services.following import after_move, ask_to_follow, follow
from yicha.act.dispatch.services.notifying import notify, notify_those_that_may
from yicha.act.dispatch.services.preparing import prepare
from yicha.act.dispatch.services.reminding import remind
from yicha.act.dispatch.services.withdrawing import withdraw

__all__ = [
    "after_move",
    "approve",
    "ask_to_follow",
    "follow",
    "make_feed",
    "notify",
    "notify_those_that_may",
    "prepare",
    "remind",
    "revoke_feed",
    "withdraw",
]
