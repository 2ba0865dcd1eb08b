from django.db import migrations, models

CODES = (
    "complaint",
    "assigned",
    "offsite-clue",
    "media",
    "recheck",
    "campaign",
    "superior-order",
    "emergency",
)


def allow(apps, schema_editor):
    """Of which triggers visits may come without notice, with approval: ours, as the rows of the triggers say."""
    rule = apps.get_model("gate", "TriggerRule")
    rule.objects.filter(code__in=CODES).update(may_be_unannounced=True)


class Migration(migrations.Migration):
    dependencies = [
        ("gate", "0002_triggers"),
    ]
    operations = [
        migrations.AddField(
            model_name="triggerrule",
            name="may_be_unannounced",
            field=models.BooleanField(default=False, verbose_name="may be unannounced"),
        ),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
