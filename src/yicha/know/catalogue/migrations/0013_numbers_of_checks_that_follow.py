from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
NUMBERS = [
    # code, value, unit, words
    ("recheck-days", "10", "working days", "After the last day of an order to correct, its agency comes again within so many working days"),
    ("follow-up-days", "20", "working days", "A problem that was left to be followed up is followed up within so many working days"),
]


def add(apps, schema_editor):
    """Numbers of the checks that follow a visit; dated rows like all others."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words in NUMBERS:
        number.objects.get_or_create(
            code=code,
            region="",
            in_force_from=date(2025, 1, 1),
            defaults={"value": Decimal(value), "unit": unit, "words": words, "source": OURS, "is_ours": True},
        )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0012_papers_to_prepare")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
