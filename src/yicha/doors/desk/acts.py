"""The acts of the ledger in words. The stored act stays what it is; a page shows both."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTS: dict[str, Promise] = {
    "accounts.created": _("account created"),
    "accounts.granted": _("role granted"),
    "accounts.switched-off": _("shut out"),
    "accounts.switched-on": _("let in again"),
    "accounts.withdrawn": _("role withdrawn"),
    "agency-kind.saved": _("kind of agency saved"),
    "agency.saved": _("agency saved"),
    "aliases.added": _("other names added"),
    "client.changed": _("what the system may do changed"),
    "client.made": _("system let in"),
    "client.revoked": _("system shut out"),
    "client.rotated": _("system given a new secret"),
    "demands.collected": _("demands collected"),
    "directory.saved": _("directory saved"),
    "draw.committed": _("commitment handed in"),
    "draw.drawn": _("drawn"),
    "draw.frozen": _("draw frozen"),
    "draw.opened": _("draw opened"),
    "draw.published": _("manifest published"),
    "draw.replacement-approved": _("replacement approved"),
    "draw.replacement-proposed": _("replacement proposed"),
    "draw.replacement-refused": _("replacement refused"),
    "draw.revealed": _("secret revealed"),
    "draw.supplement-announced": _("supplement announced"),
    "draw.supplement-drawn": _("supplement drawn"),
    "draw.void-signed": _("void signed"),
    "draw.voided": _("draw declared void"),
    "import.applied": _("import applied"),
    "import.undone": _("import undone"),
    "item.published": _("item published"),
    "item.retired": _("item retired"),
    "number.set": _("number set"),
    "officers.assigned": _("officers assigned"),
    "plan.amended": _("plan amended"),
    "plan.approved": _("plan approved"),
    "plan.created": _("plan created"),
    "plan.edited": _("plan edited"),
    "plan.published": _("plan published"),
    "plan.returned": _("plan returned"),
    "plan.submitted": _("plan submitted"),
    "premises.added": _("premises added"),
    "rate.set": _("rate set"),
    "recusal.recorded": _("recusal recorded"),
    "region.saved": _("region saved"),
    "result.published": _("result published"),
    "round.closed": _("round closed"),
    "round.matched": _("round matched"),
    "round.opened": _("round opened"),
    "visit.called-off": _("visit called off"),
    "visit.closed": _("visit closed"),
    "visit.officers-changed": _("officers changed"),
    "visit.part-closed": _("part closed"),
    "visit.part-reopened": _("part reopened"),
    "visit.planned": _("visit planned"),
    "visit.recorded": _("visit recorded"),
    "visit.started": _("visit started"),
    "zone.saved": _("zone saved"),
}


def act_in_words(act: str) -> str:
    """An act in the reader's language, or as it is stored where there is no word for it."""
    return str(ACTS.get(act, act))
