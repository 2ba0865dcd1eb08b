import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lake", "0001_initial"), ("drawing", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="draw",
            name="snapshot",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lake.snapshot",
            ),
        ),
    ]
