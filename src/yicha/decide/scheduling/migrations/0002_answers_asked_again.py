from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="answer",
            name="times_asked",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="times asked"),
        ),
    ]
