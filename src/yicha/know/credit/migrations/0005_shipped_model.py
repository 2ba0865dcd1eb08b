import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources

from django.db import migrations

SINCE = datetime(2026, 7, 1, tzinfo=UTC)
"""A day for a row that nobody drafted; the version takes force when two people have signed it, and not before."""


def add(apps, schema_editor):
    """The model that the product ships, as a draft of version 0, and how long a trial says something."""
    text = resources.files("yicha.know.credit.rules").joinpath("default_model.yaml").read_text("utf-8")
    apps.get_model("credit", "RiskModel").objects.get_or_create(
        code="general",
        version=0,
        defaults={
            "title": "企业信用风险分类通用模型",
            "text": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "state": "draft",
            "remark": "产品自带",
            "drafted_at": SINCE,
            "drafted_by": "yicha",
        },
    )
    apps.get_model("catalogue", "LegalNumber").objects.get_or_create(
        code="trial-valid-days",
        region="",
        in_force_from=date(2025, 1, 1),
        defaults={
            "value": Decimal(31),
            "unit": "days",
            "words": "A model may take force for so many days after its trial",
            "source": "ours: no official number was found",
            "is_ours": True,
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0004_clock_of_acceptance"),
        ("catalogue", "0007_numbers_of_credit"),
    ]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
