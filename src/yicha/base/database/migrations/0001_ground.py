"""What every app stands on: trigram search, and the table of the cache that all processes share."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = []

    operations = [
        TrigramExtension(),
        migrations.RunSQL(
            """
            CREATE TABLE yicha_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX yicha_cache_expires ON yicha_cache (expires);
            """,
            "DROP TABLE yicha_cache",
        ),
    ]
