from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
NUMBERS = [
    # code, value, unit, words
    ("overlap-most-firms", "30", "enterprises", "Of two plans that cannot be checked together, so many enterprises at most are likely drawn by both without somebody having decided"),
    ("overlap-common-days", "5", "days", "Windows that share so many days can be checked in one visit"),
]


def add(apps, schema_editor):
    """Numbers of the merge page; dated rows like all others."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words in NUMBERS:
        number.objects.get_or_create(
            code=code,
            region="",
            in_force_from=date(2025, 1, 1),
            defaults={"value": Decimal(value), "unit": unit, "words": words, "source": OURS, "is_ours": True},
        )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0010_equipment_of_items")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
