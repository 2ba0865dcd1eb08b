from datetime import date
from decimal import Decimal

from django.db import migrations

OURS = "ours: no official number was found"
REPAIR = "国办发〔2025〕22号; 信用修复管理办法"
DUAL = "双公示"
IN_FORCE = (2026, 4, 1)
NUMBERS = [
    # code, value, unit, words, source, is_ours, in_force_from
    ("publish-minor-min-months", "0", "months", "A minor record may be repaired after it was published for so many months", REPAIR, False, IN_FORCE),
    ("publish-minor-max-months", "3", "months", "A minor record is published and has effect for so many months at most", REPAIR, False, IN_FORCE),
    ("publish-general-min-months", "3", "months", "A general record may be repaired after it was published for so many months", REPAIR, False, IN_FORCE),
    ("publish-general-max-months", "12", "months", "A general record is published and has effect for so many months at most", REPAIR, False, IN_FORCE),
    ("publish-serious-min-months", "12", "months", "A serious record may be repaired after it was published for so many months", REPAIR, False, IN_FORCE),
    ("publish-serious-max-months", "36", "months", "A serious record is published and has effect for so many months at most", REPAIR, False, IN_FORCE),
    ("repair-decide-days", "3", "working days", "An agency decides on a repair within so many working days of its acceptance", REPAIR, False, IN_FORCE),
    ("repair-answer-days", "10", "working days", "Whoever applies for a repair is answered within so many working days", REPAIR, False, IN_FORCE),
    ("repair-accept-days", "2", "working days", "An agency accepts or returns an application for repair within so many working days", OURS, True, IN_FORCE),
    ("credit-publish-days", "7", "working days", "Licences and penalties are published within so many working days", DUAL, False, (2025, 1, 1)),
    ("cluster-least", "3", "enterprises", "So many enterprises that hang together, one of them of class D or over a red line, are a cluster", OURS, True, (2025, 1, 1)),
]


def add(apps, schema_editor):
    """Numbers of repair, publication and monitoring; each a dated row with its source."""
    number = apps.get_model("catalogue", "LegalNumber")
    for code, value, unit, words, source, is_ours, day in NUMBERS:
        number.objects.get_or_create(
            code=code,
            region="",
            in_force_from=date(*day),
            defaults={
                "value": Decimal(value), "unit": unit, "words": words, "source": source, "is_ours": is_ours,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_numbers_of_the_gate")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
