"""What a use let go of, in words for officials."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yicha.know.credit.terms.repairs import Use
from yicha.share.repair.terms import ShownReceipt


def say(receipt: ShownReceipt) -> str:
    """One receipt in a sentence; of one that is not given yet, that it waits."""
    if receipt.at is None:
        return _("has not let go yet")
    match receipt.use:
        case Use.CLASS:
            return _say_class(receipt)
        case Use.LISTING:
            return _say_listing(receipt)
        case Use.GATE:
            return _say_gate(receipt)
        case Use.VISITS:
            return _say_visits(receipt)
        case Use.PUBLIC:
            return (
                _("taken off the public pages")
                if receipt.detail.get("was_published")
                else _("was never public")
            )
        case Use.PARTNERS:
            return _say_partners(receipt)


def _say_class(receipt: ShownReceipt) -> str:
    if receipt.detail.get("changed"):
        return _("the class was found anew without it and became another")
    return _("the class was found anew without it and stayed")


def _say_listing(receipt: ShownReceipt) -> str:
    if not receipt.detail.get("listing"):
        return _("no suspension leaned on it")
    if receipt.detail.get("state") == "listed":
        return _("the suspension was lifted: the enterprise is on the list again")
    return _("something else speaks against the listing: it stays suspended, the home region decides")


def _say_gate(receipt: ShownReceipt) -> str:
    count = len(receipt.detail.get("applications", []))
    if not count:
        return _("no verdict to come leaned on it")
    return ngettext(
        "%(count)s verdict to come leaned on it and is to be asked again",
        "%(count)s verdicts to come leaned on it and are to be asked again",
        count,
    ) % {"count": count}


def _say_visits(receipt: ShownReceipt) -> str:
    """How many demands of rounds were weighed, and what changed; also whether somebody had a notice."""
    detail = receipt.detail
    if not detail.get("demands"):
        return _("no demand of a round was to be weighed again")
    said = _("%(demands)s demands of rounds weighed again, %(changed)s stand elsewhere now") % detail
    if visits := len(detail["cancelled"]) + len(detail["fewer"]):
        said = _("%(said)s; %(visits)s planned visits left, %(cancelled)s of them cancelled") % {
            "said": said,
            "visits": visits,
            "cancelled": len(detail["cancelled"]),
        }
    if announced := len(detail["announced"]):
        said = _("%(said)s; %(announced)s had been announced, and the enterprise was told") % {
            "said": said,
            "announced": announced,
        }
    return said


def _say_partners(receipt: ShownReceipt) -> str:
    if receipt.detail.get("event") is None:
        return _("partners were never told of it")
    if not receipt.readers:
        return _("told; no system follows the events yet")
    taken = sum(reader.has_taken for reader in receipt.readers)
    return _("told; taken over by %(taken)s of %(all)s systems") % {
        "taken": taken,
        "all": len(receipt.readers),
    }
