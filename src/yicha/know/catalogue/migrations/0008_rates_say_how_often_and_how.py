from datetime import date
from decimal import Decimal

import django.core.validators
from django.db import migrations, models

SINCE = date(2022, 1, 13)
"""The day of 国市监信发〔2022〕6号; rows that a place has set itself are newer, and go before these."""
DAQING = "大庆市：A 类不高于 5 %，B 类 5–20 %，C 类 21–60 %，D 类 61–100 %"
RATES = [
    # class, rate, visits on own initiative a year, source, is_ours
    ("A", "0.02", 1, "大庆市：A 类不高于 5 %、每年少于一次；衡阳市：一年内不主动检查；2 % 为覆盖下限", True),
    ("B", "0.05", None, DAQING, False),
    ("C", "0.21", None, DAQING, False),
    ("D", "0.61", None, DAQING, False),
]


def add(apps, schema_editor):
    """A rate for each class, for all lists and places: the lowest that the source allows, for A the coverage floor."""
    rate = apps.get_model("catalogue", "DrawRate")
    for letter, share, visits, source, is_ours in RATES:
        rate.objects.get_or_create(
            joint_list=None,
            item=None,
            region=None,
            risk_class=letter,
            in_force_from=SINCE,
            defaults={"rate": Decimal(share), "visits_a_year": visits, "source": source, "is_ours": is_ours},
        )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0007_numbers_of_credit")]
    operations = [
        migrations.AddField(
            model_name="drawrate",
            name="method",
            field=models.CharField(
                choices=[("offsite", "off site"), ("written", "in writing"), ("onsite", "on site")],
                default="onsite",
                max_length=8,
                verbose_name="method",
            ),
        ),
        migrations.AddField(
            model_name="drawrate",
            name="scope",
            field=models.CharField(
                choices=[("all", "all items"), ("key", "key items only")],
                default="all",
                max_length=3,
                verbose_name="scope",
            ),
        ),
        migrations.AddField(
            model_name="drawrate",
            name="visits_a_year",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="visits on own initiative a year",
            ),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
