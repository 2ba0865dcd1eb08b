"""What a listing does at the gate, as a fragment of the gate's one statement."""

from yicha.know.credit.queries import IN_EFFECT_SQL

_DAY = "a.from_on"
LISTING_SQL = f"""(
    SELECT json_build_array(l.uuid, home.code, l.listed_on)
    FROM undisturbed_listing l JOIN registry_region home ON home.id = l.region_id
    WHERE l.enterprise_id = e.id AND l.state = 'listed' AND l.listed_on <= {_DAY}
    AND NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT ON (c.criterion) c.criterion, c.value, c.is_on
            FROM undisturbed_criterionrule c
            WHERE c.phase = 'stay' AND c.in_force_from <= {_DAY} AND c.region IN
                ('', home.code, left(home.code, 4) || '00', left(home.code, 2) || '0000')
            ORDER BY c.criterion, c.region DESC, c.in_force_from DESC
        ) stay
        WHERE stay.is_on AND (
            stay.criterion = 'class' AND e.risk_class > stay.value
            OR stay.criterion <> 'annual-report' AND EXISTS (
                SELECT FROM credit_creditrecord r
                WHERE r.enterprise_id = e.id AND r.kind = stay.criterion
                AND {IN_EFFECT_SQL.format(r="r", day=_DAY)}
                AND (r.recorded_at > l.weighed_at OR r.kind IN ('abnormal-listing', 'serious-violation'))
            )
        )
    )
)"""  # noqa: S608 - all parts are from code
"""[uuid, home region code, listed on] if the enterprise `e` is on the list on the day that is asked for (`a.from_on`)
and no trigger in force speaks against it, else null. So a record of a penalty and a class below what the list allows
have effect with the commit that writes them, before anybody suspends. Codes of a district sort after those of its
city and province: the nearest region's row of a criterion comes first.
"""

_TRIGGERED = f"""
    SELECT DISTINCT ON (l.id) l.id, r.kind AS trigger, r.code AS reference
    FROM undisturbed_listing l
    JOIN registry_region home ON home.id = l.region_id
    JOIN credit_creditrecord r ON r.enterprise_id = l.enterprise_id AND r.kind <> 'annual-report'
    CROSS JOIN LATERAL (
        SELECT c.is_on FROM undisturbed_criterionrule c
        WHERE c.phase = 'stay' AND c.criterion = r.kind AND c.in_force_from <= %(today)s AND c.region IN
            ('', home.code, left(home.code, 4) || '00', left(home.code, 2) || '0000')
        ORDER BY c.region DESC, c.in_force_from DESC LIMIT 1
    ) stay
    WHERE {{which}} AND stay.is_on
    AND {IN_EFFECT_SQL.format(r="r", day="%(today)s::date")}
    AND (r.recorded_at > l.weighed_at OR r.kind IN ('abnormal-listing', 'serious-violation'))
    ORDER BY l.id, r.happened_on DESC, r.id DESC
"""  # noqa: S608 - all parts are from code
TRIGGERED_SQL = _TRIGGERED.format(which="l.state = 'listed'")
"""Listed enterprises with a record that suspends, and the last such record."""
TRIGGERED_STILL_SQL = _TRIGGERED.format(which="l.state = 'suspended' AND l.id = %(listing)s")
"""What speaks against a suspended listing now, if anything does."""
REFERENCE_SQL = """json_build_object(
    'spared', (SELECT coalesce(json_agg(json_build_array(i.code, r.code, s.in_force_from, s.in_force_until)
                                        ORDER BY s.id), '[]'::json)
               FROM undisturbed_spareditem s JOIN catalogue_item i ON i.id = s.item_id
               JOIN registry_region r ON r.id = s.region_id)
)"""
"""What processes keep in memory (decision 0015): as `list_spared_items`, in one statement with the others."""
