"""Deliveries and addresses have a name for the outside, and a message says who opened it. The tables are empty yet."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outgoing", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="address",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="delivery",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="message",
            name="read_by",
            field=models.CharField(blank=True, max_length=150, verbose_name="read by"),
        ),
    ]
