from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
SINCE = date(2025, 1, 1)
CRITERIA = [
    # phase, criterion, value
    ("entry", "class", "A"),
    ("entry", "penalty", ""),
    ("entry", "annual-report", ""),
    ("entry", "abnormal-listing", ""),
    ("entry", "serious-violation", ""),
    ("entry", "key-trade", ""),
    ("stay", "class", "B"),
    ("stay", "penalty", ""),
    ("stay", "verified-complaint", ""),
    ("stay", "abnormal-listing", ""),
    ("stay", "serious-violation", ""),
    ("stay", "accident", ""),
    ("stay", "key-trade", ""),
]
TRADES = [
    # prefix of GB/T 4754-2017, words
    ("B", "采矿业"),
    ("C25", "石油、煤炭及其他燃料加工业"),
    ("C26", "化学原料和化学制品制造业"),
    ("C31", "黑色金属冶炼和压延加工业"),
    ("C32", "有色金属冶炼和压延加工业"),
    ("D45", "燃气生产和供应业"),
    ("E47", "房屋建筑业"),
    ("E48", "土木工程建筑业"),
    ("F5265", "机动车燃油零售"),
    ("G594", "危险品仓储"),
]


def add(apps, schema_editor):
    """The criteria as rows from the first day; all ours, and marked so, because no official list was found."""
    rule = apps.get_model("undisturbed", "CriterionRule")
    for phase, criterion, value in CRITERIA:
        rule.objects.get_or_create(
            phase=phase,
            criterion=criterion,
            region="",
            in_force_from=SINCE,
            defaults={"value": value, "source": OURS, "is_ours": True},
        )
    trade = apps.get_model("undisturbed", "KeyTrade")
    for prefix, words in TRADES:
        trade.objects.get_or_create(
            prefix=prefix,
            region="",
            in_force_from=SINCE,
            defaults={"words": words, "source": OURS, "is_ours": True},
        )
    apps.get_model("catalogue", "LegalNumber").objects.get_or_create(
        code="annual-report-due",
        region="",
        in_force_from=date(2014, 10, 1),
        defaults={
            "value": Decimal(630),
            "unit": "month and day",
            "words": "The annual report of a year is filed by this day of the next (630: 30 June)",
            "source": "企业信息公示暂行条例 第八条",
            "is_ours": False,
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("undisturbed", "0001_initial"),
        ("catalogue", "0006_numbers_of_the_gate"),
        ("credit", "0001_initial"),
    ]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
