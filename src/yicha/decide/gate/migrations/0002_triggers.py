from datetime import date

from django.db import migrations

FROM = date(2025, 1, 1)
TEN = "county health bureau rule (ten named exceptions); quiet days and undisturbed list: ours, the sources name six exceptions"
COUNTS = "司法部问题解答 (all kinds count towards the cap)"
FLAGS = (
    "own_initiative",
    "counts_toward_cap",
    "exempt_from_cap",
    "exempt_from_quiet",
    "exempt_from_undisturbed",
    "spareable",
    "needs_evidence",
)
TRIGGERS = [
    # code, words, flags in the order of FLAGS, source, is_ours
    ("draw", "random draw (双随机)", (1, 1, 0, 0, 0, 1, 0), COUNTS, False),
    ("initiative", "routine of the agency", (1, 1, 0, 0, 0, 1, 0), COUNTS, False),
    ("campaign", "special campaign", (1, 1, 0, 0, 0, 1, 1), COUNTS, False),
    (
        "superior-order",
        "special ordered from above",
        (0, 0, 1, 0, 1, 1, 1),
        "司法部问题解答 (specials ordered from above do not count); undisturbed list: ours",
        True,
    ),
    ("complaint", "complaint", (0, 0, 1, 1, 1, 0, 1), TEN, True),
    ("assigned", "assigned or transferred matter", (0, 0, 1, 1, 1, 0, 1), TEN, True),
    ("support", "support of a superior", (0, 0, 1, 0, 1, 0, 1), TEN, True),
    ("audit", "audit", (0, 0, 1, 0, 1, 0, 1), TEN, True),
    ("offsite-clue", "clue found off site", (0, 0, 1, 1, 1, 0, 1), TEN, True),
    ("media", "media report", (0, 0, 1, 1, 1, 0, 1), TEN, True),
    ("recheck", "check after rectification", (0, 0, 1, 0, 1, 0, 1), TEN, True),
    ("own-request", "request of the enterprise itself", (0, 0, 1, 1, 1, 0, 1), TEN, True),
    ("licence", "verification for a licence", (0, 0, 1, 0, 1, 0, 1), TEN, True),
    ("emergency", "statutory emergency", (0, 0, 1, 1, 1, 0, 1), TEN, True),
    (
        "courtesy",
        "courtesy call (走访)",
        (1, 0, 1, 0, 0, 0, 0),
        "司法部问题解答 (recorded, counted apart)",
        False,
    ),
]


def add(apps, schema_editor):
    """The triggers of visits: dated rows with their source."""
    rule = apps.get_model("gate", "TriggerRule")
    for code, words, flags, source, is_ours in TRIGGERS:
        rule.objects.get_or_create(
            code=code,
            in_force_from=FROM,
            defaults={"words": words, "source": source, "is_ours": is_ours}
            | {name: bool(flag) for name, flag in zip(FLAGS, flags, strict=True)},
        )


class Migration(migrations.Migration):
    dependencies = [("gate", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
