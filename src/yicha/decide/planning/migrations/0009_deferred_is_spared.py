from collections import defaultdict

from django.db import migrations, models

FOLLOWING = ("follow-up", "recheck")


def record_deferred(apps, schema_editor):
    """What was deferred before has no spared visit: one per application, as the gate writes them now."""
    Demand = apps.get_model("planning", "Demand")
    Contact = apps.get_model("visits", "Contact")
    ContactItem = apps.get_model("visits", "ContactItem")
    together = defaultdict(list)
    for row in Demand.objects.filter(state="deferred", contact=None).select_related("round").order_by("id"):
        key = (row.screening_id, row.round_id, row.enterprise_id, row.agency_id, row.origin)
        together[key, row.window_from, row.window_to, row.open_from].append(row)
    for rows in together.values():
        first = rows[0]
        contact = Contact.objects.create(
            enterprise_id=first.enterprise_id,
            lead_agency_id=first.agency_id,
            kind="case" if first.origin in FOLLOWING else "daily",
            trigger=first.origin,
            state="spared",
            round=first.round.code,
            window_from=first.window_from,
            window_to=first.window_to,
            counts_toward_cap=False,
            spared_by=f"deferred:{first.open_from}",
            simulated=first.round.simulated,
        )
        sources = {
            row.item_version_id: f"draw:{row.draw_id}" if row.origin == "draw" else row.draw_id
            for row in reversed(sorted(rows, key=lambda row: row.draw_id))
        }
        ContactItem.objects.bulk_create(
            ContactItem(contact=contact, agency_id=first.agency_id, item_version_id=version, source=source)
            for version, source in sources.items()
        )
        Demand.objects.filter(pk__in=[row.pk for row in rows]).update(contact=contact)
    # The table is altered next: PostgreSQL refuses while a check of these rows is still to come.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0013_numbers_of_checks_that_follow"),
        ("planning", "0008_checks_that_are_due"),
        ("registry", "0007_places"),
        ("visits", "0009_split_off"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="demand",
            name="a_matched_or_spared_demand_has_its_visit",
        ),
        migrations.RunPython(record_deferred, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="demand",
            constraint=models.CheckConstraint(
                condition=models.Q(contact__isnull=False, state__in=["matched", "spared", "deferred"])
                | (~models.Q(state__in=["matched", "spared", "deferred"]) & models.Q(contact__isnull=True)),
                name="a_matched_or_spared_demand_has_its_visit",
            ),
        ),
    ]
