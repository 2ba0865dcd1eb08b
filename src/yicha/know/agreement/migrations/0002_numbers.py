from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
NUMBERS = [
    ("agreement-notice-days", "30", "days", "An agreement between regions is ended with so many days of notice, unless it says otherwise"),
    ("assistance-answer-days", "5", "working days", "A request to inspect in another's region is answered within so many working days"),
]


def add(apps, schema_editor):
    """Numbers of agreements and assistance; each a dated row with its source."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words in NUMBERS:
        number.objects.get_or_create(
            code=code,
            region="",
            in_force_from=date(2025, 1, 1),
            defaults={
                "value": Decimal(value), "unit": unit, "words": words, "source": OURS, "is_ours": True,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("agreement", "0001_initial"), ("catalogue", "0006_numbers_of_the_gate")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
