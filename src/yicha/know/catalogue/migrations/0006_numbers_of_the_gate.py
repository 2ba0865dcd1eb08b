from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
COUNTY = "county health bureau rule: two per level, four for both levels together"
NUMBERS = [
    # code, value, unit, words, source, is_ours, in_force_from
    ("annual-visit-cap-district", "2", "times", "Visits of district agencies together to an enterprise in a year, at most", COUNTY, False, (2025, 1, 1)),
    ("annual-visit-cap-city", "2", "times", "Visits of city agencies together to an enterprise in a year, at most", COUNTY, False, (2025, 1, 1)),
    ("futile-visits", "3", "times", "After so many visits of an officer to an enterprise in a row without a finding, a reason is required", "成都 一码检查", False, (2025, 1, 1)),
    ("futile-within-days", "365", "days", "Visits without a finding are counted over so many days", "成都 一码检查", False, (2025, 1, 1)),
    ("class-a-rest-days", "365", "days", "An enterprise of class A is not visited on own initiative within so many days of a visit", "大庆; 河南; 衡阳: A 类一年内不主动检查", False, (2022, 1, 1)),
    ("low-risk-visits-a-year", "1", "times", "Visits on own initiative to an enterprise of low risk in a year, at most", "D.Lgs. 103/2024 (Italy)", False, (2024, 8, 2)),
    ("notice-days", "10", "days", "A visit is announced so many days ahead, unless it must not be", "D.Lgs. 103/2024 (Italy)", False, (2024, 8, 2)),
    ("off-plan-filing-days", "3", "working days", "In quiet days a visit off the plan is filed so many working days before", "南阳 企业宁静日", False, (2025, 1, 1)),
    ("exception-filing-days", "3", "working days", "An exceptional visit in quiet days is filed within so many working days after", "南阳 企业宁静日", False, (2025, 1, 1)),
    ("assistance-filing-days", "20", "days", "An inspection outside one's region is filed with the other region within so many days", "四平 十严禁", False, (2025, 1, 1)),
    ("back-entry-days", "10", "days", "After an outage a visit is entered within so many days, with a reason", "北京; 上海; 深圳: 扫码入企", False, (2025, 1, 1)),
    ("emergency-papers-days", "3", "working days", "The papers of an emergency visit are completed within so many working days", OURS, True, (2025, 1, 1)),
    ("campaign-publish-months", "1", "months", "A special campaign outside the plan is published within so many months of its approval", "津政规〔2025〕1号; 京政办发〔2025〕10号", False, (2025, 1, 1)),
    ("result-valid-days", "180", "days", "A result is recognised by others for so many days, unless its item says otherwise", OURS, True, (2025, 1, 1)),
    ("objection-days", "5", "working days", "Other regions may object to a listing for so many working days; silence is consent", OURS, True, (2025, 1, 1)),
    ("undisturbed-no-penalty-months", "24", "months", "For the undisturbed list: no penalty within so many months", OURS, True, (2025, 1, 1)),
    ("undisturbed-report-years", "1", "years", "For the undisturbed list: the annual report of so many years back is filed", OURS, True, (2025, 1, 1)),
    ("undisturbed-again-days", "180", "days", "After removal an enterprise may apply again when so many days have passed", OURS, True, (2025, 1, 1)),
    ("unused-item-years", "5", "years", "An item unused for so many years is to be cleaned out", "国办发〔2024〕54号; 司法部问题解答", False, (2025, 1, 1)),
]


def add(apps, schema_editor):
    """Numbers of the gate, the undisturbed list and recognition; each a dated row with its source."""
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
    dependencies = [("catalogue", "0005_regions_and_validity")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
