from django.db import migrations


def begin(apps, schema_editor):
    """The one head row, of an empty ledger."""
    apps.get_model("ledger", "Head").objects.create(id=1, size=0, frontier={"size": 0, "peaks": []})


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
