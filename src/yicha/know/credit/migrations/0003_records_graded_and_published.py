from django.db import migrations, models

AGAINST = [
    "penalty",
    "abnormal-listing",
    "serious-violation",
    "verified-complaint",
    "accident",
    "court-order",
    "tax-notice",
    "social-insurance-notice",
]


def grade(apps, schema_editor):
    """What was recorded before severities were: general, as where a source gives none."""
    records = apps.get_model("credit", "CreditRecord").objects
    records.filter(kind__in=AGAINST, severity="none").update(severity="general")


class Migration(migrations.Migration):
    dependencies = [("credit", "0002_classes_repair_warnings")]

    operations = [
        migrations.RunPython(grade, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="creditrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(publish_until=None)
                | models.Q(published_on__isnull=False, publish_until__gte=models.F("published_on")),
                name="a_publication_ends_after_it_begins",
            ),
        ),
    ]
