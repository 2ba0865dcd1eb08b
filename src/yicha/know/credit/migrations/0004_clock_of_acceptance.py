from datetime import date

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credit", "0003_records_graded_and_published")]
    operations = [
        migrations.AddField(
            model_name="repair",
            name="accept_by",
            field=models.DateField(default=date(2026, 4, 1), verbose_name="to be accepted by"),
            preserve_default=False,
        ),
    ]
