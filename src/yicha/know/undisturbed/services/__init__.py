"""The only writers of the undisturbed list. Actions of people are asked for at the doors; `region` is who acts."""

from yicha.know.undisturbed.services.discovering import (
    begin_discovery,
    discover,
    fail_discovery,
    run_discovery,
)
from yicha.know.undisturbed.services.many import close_windows, nominate_many, recheck, review_many
from yicha.know.undisturbed.services.rows import end_spared_item, set_criterion, set_key_trade, spare_item
from yicha.know.undisturbed.services.steps import (
    apply_for,
    decline,
    lift,
    nominate,
    object_to,
    read_notice,
    remove,
    restore,
    review,
    review_again,
    suspend,
    withdraw,
)

__all__ = [
    "apply_for",
    "begin_discovery",
    "close_windows",
    "decline",
    "discover",
    "end_spared_item",
    "fail_discovery",
    "lift",
    "nominate",
    "nominate_many",
    "object_to",
    "read_notice",
    "recheck",
    "remove",
    "restore",
    "review",
    "review_again",
    "review_many",
    "run_discovery",
    "set_criterion",
    "set_key_trade",
    "spare_item",
    "suspend",
    "withdraw",
]
