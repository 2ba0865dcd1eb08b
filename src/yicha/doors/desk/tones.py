"""Which colour and icon a state has. The word is the model's own; here is only how it looks."""

from __future__ import annotations

ENTERPRISE = {
    "active": ("done", "circle-check"),
    "cancelled": ("spared", "ban"),
    "revoked": ("refuse", "circle-x"),
    "moved-out": ("spared", "route"),
}
CONTACT = {
    "planned": ("action", "calendar-event"),
    "made": ("done", "circle-check"),
    "spared": ("spared", "ban"),
    "cancelled": ("spared", "circle-x"),
}
ITEM = {
    "draft": ("due", "edit"),
    "published": ("done", "circle-check"),
    "retired": ("spared", "ban"),
}
CERTIFICATE = {
    "valid": ("done", "circle-check"),
    "ending": ("due", "clock"),
    "ended": ("overdue", "circle-x"),
    "future": ("spared", "hourglass"),
    "left": ("spared", "user-off"),
}
