from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
NUMBERS = [
    # code, value, unit, words, source, is_ours, in_force_from
    ("coverage-floor", "0.02", "share", "Share of all enterprises drawn in a year, at least", "安康 双随机监管报道", False, (2025, 1, 1)),
    ("plan-due", "331", "month and day", "Annual plans are published by this day (331: 31 March)", "津政规〔2025〕1号", False, (2025, 1, 1)),
    ("draw-days", "5", "working days", "All draws take place in the first working days of a quarter", "津市场监管信监〔2025〕9号", False, (2025, 1, 1)),
    ("annual-visit-cap", "4", "times", "Visits to an enterprise in a year, both levels together, at most", "county health bureau rule, taken as ours", True, (2025, 1, 1)),
    ("visits-a-day", "1", "times", "More visits to an enterprise in a day are flagged", "成都 一码检查", False, (2025, 1, 1)),
    ("visits-a-week", "2", "times", "More visits to an enterprise in a week are flagged", "成都 一码检查", False, (2025, 1, 1)),
    ("visits-a-month", "3", "times", "More visits to an enterprise in a month are flagged", "成都 一码检查", False, (2025, 1, 1)),
    ("officers-per-agency", "2", "people", "Officers that an agency sends on a visit, at least", "行政处罚法 第四十二条", False, (2021, 7, 15)),
    ("publish-result-within", "20", "working days", "From the closing of a visit until its results are public, at most", "双随机、一公开 (国办发〔2015〕58号; 国发〔2019〕5号)", False, (2019, 2, 15)),
    ("second-visit-days", "30", "days", "A second visit to an enterprise within so many days is warned of, not blocked", OURS, True, (2020, 1, 1)),
    ("officer-load-slack", "1.5", "times the even share", "How far an officer's load may exceed the even share", OURS, True, (2025, 1, 1)),
]


def add(apps, schema_editor):
    """Numbers that the product needs from its first day; each a dated row with its source."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words, source, is_ours, day in NUMBERS:
        number.objects.get_or_create(
            code=code,
            in_force_from=date(*day),
            defaults={
                "value": Decimal(value), "unit": unit, "words": words, "source": source, "is_ours": is_ours,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
