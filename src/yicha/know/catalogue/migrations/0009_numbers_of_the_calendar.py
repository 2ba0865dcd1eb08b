from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
NUMBERS = [
    # code, value, unit, words, source, is_ours, in_force_from
    ("general-rate-ceiling", "0.30", "share", "Of all whom a general item is about, so many at most are planned in a year", OURS, True, (2025, 1, 1)),
    ("visits-an-officer-a-day", "2", "visits", "An officer goes to so many visits a day at most", OURS, True, (2025, 1, 1)),
    ("closed-days-a-month", "5", "working days", "An enterprise may keep so many working days a month free of announced visits", OURS, True, (2025, 1, 1)),
    ("part-answer-days", "3", "working days", "An agency accepts, declines or moves off site its part of a visit within so many working days", OURS, True, (2025, 1, 1)),
    ("silence-accepts", "1", "yes or no", "Whoever has not answered by then has accepted (1) or is asked again (0)", OURS, True, (2025, 1, 1)),
    ("head-approval-days", "2", "working days", "The head of an agency approves a visit within so many working days", OURS, True, (2025, 1, 1)),
    ("reminder-days", "1", "working days", "Enterprise and officers are reminded so many working days before a visit", OURS, True, (2025, 1, 1)),
    ("slot-requests", "1", "times", "An enterprise may ask for another day so many times for one visit", OURS, True, (2025, 1, 1)),
    ("round-report-days", "20", "working days", "The report of a round is signed within so many working days of its end", OURS, True, (2025, 1, 1)),
]


def add(apps, schema_editor):
    """Numbers of plans, the calendar and dispatch; each a dated row with its source."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words, source, is_ours, day in NUMBERS:
        number.objects.get_or_create(
            code=code,
            region="",
            in_force_from=date(*day),
            defaults={
                "value": Decimal(value), "unit": unit, "words": words, "source": source, "is_ours": is_ours,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0008_rates_say_how_often_and_how")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
