from datetime import date

from django.db import migrations

FROM = date(2025, 1, 1)
TRIGGERS = [
    # code, words, what it is free from, source
    (
        "follow-up",
        "problem found before, to be followed up",
        {"counts_toward_cap": True, "exempt_from_undisturbed": True},
        "ours: no rule was found; counts as all kinds do (司法部问题解答)",
    ),
    (
        "statutory",
        "check that the law prescribes",
        {"exempt_from_cap": True, "exempt_from_undisturbed": True, "spareable": True},
        "ours: no rule was found; a cap on visits does not lift what a law prescribes",
    ),
]
FLAGS = (
    "own_initiative",
    "counts_toward_cap",
    "exempt_from_cap",
    "exempt_from_quiet",
    "exempt_from_undisturbed",
    "spareable",
)


def add(apps, schema_editor):
    """Two triggers of a quarter beside the draw and the check after rectification."""
    rule = apps.get_model("gate", "TriggerRule")
    for code, words, free, source in TRIGGERS:
        rule.objects.get_or_create(
            code=code,
            in_force_from=FROM,
            defaults={"words": words, "source": source, "is_ours": True, "needs_evidence": True}
            | dict.fromkeys(FLAGS, False)
            | free,
        )


class Migration(migrations.Migration):
    dependencies = [("gate", "0003_unannounced_visits")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
