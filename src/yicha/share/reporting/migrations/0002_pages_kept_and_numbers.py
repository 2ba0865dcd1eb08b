import hashlib
from datetime import date
from decimal import Decimal

from django.db import migrations, models


OURS = "ours: no official number was found"
NUMBERS = [
    # code, value, unit, words
    ("check-up-least", "5", "checks", "A check-up of a trade advises nothing on fewer checks or enterprises than these"),
    ("check-up-share", "20", "percent", "A check-up advises guidance for an item with a problem in so many percent of its checks"),
    ("check-up-change", "10", "percentage points", "A check-up says how a trade changed when its share of enterprises with a problem moved so much"),
]


def add(apps, schema_editor):
    """Numbers of a check-up; dated rows like all others."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words in NUMBERS:
        number.objects.get_or_create(
            code=code,
            region="",
            in_force_from=date(2025, 1, 1),
            defaults={"value": Decimal(value), "unit": unit, "words": words, "source": OURS, "is_ours": True},
        )


def keep(apps, schema_editor):
    """Pages of documents signed so far are taken from what was sent to the agencies; what they are about, from facts."""
    message = apps.get_model("outgoing", "Message")
    for document in apps.get_model("reporting", "StepDocument").objects.select_related("round"):
        sent = message.objects.filter(
            kind="step", document_name=f"{document.round.code}-{document.step}-{document.version}.pdf"
        ).first()
        pages = bytes(sent.document) if sent else b""
        if hashlib.sha256(pages).hexdigest() == document.sha256:
            document.pages = pages
        document.facts["about"] = about(document.step, document.facts)
        document.save(update_fields=["pages", "facts"])


def about(step, facts):
    """How many tasks, results or visits a document is about."""
    if step == "dispatch":
        return len(facts["tasks"])
    if step == "report":
        return facts["made"]
    return sum(region["checked"] for trade in facts["trades"] for region in trade["regions"])


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("outgoing", "0002_keys_and_readers"), ("catalogue", "0012_papers_to_prepare")]
    operations = [
        migrations.AddField("stepdocument", "pages", models.BinaryField(default=bytes)),
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
