"""A PDF is compressed already: PostgreSQL need not try again, which took half of its time for a thousand notices."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("outgoing", "0002_keys_and_readers")]

    operations: ClassVar = [
        migrations.RunSQL(
            "ALTER TABLE outgoing_message ALTER COLUMN document SET STORAGE EXTERNAL",
            "ALTER TABLE outgoing_message ALTER COLUMN document SET STORAGE EXTENDED",
        )
    ]
