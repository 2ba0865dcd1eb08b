"""One row that changes with every change of the tables that rarely change, so that processes may keep them in memory."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("database", "0001_ground")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE yicha_stamp (
                id smallint PRIMARY KEY DEFAULT 1 CONSTRAINT there_is_one_stamp CHECK (id = 1),
                version uuid NOT NULL
            );
            INSERT INTO yicha_stamp (version) VALUES (gen_random_uuid());
            """,
            "DROP TABLE yicha_stamp",
        ),
    ]
