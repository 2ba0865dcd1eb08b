"""What partners' systems are told of a record, as SQL: the same as `services/telling.py` says of one."""

from __future__ import annotations

from yicha.know.credit.terms.records import Told

SUBJECT = "credit-record/"
"""Before the code of the record."""


def told_sql(source: str, where: str = "true") -> str:
    """SELECT (type, subject, data) of what became of records.

    `source` is a FROM with the version before as `b` and the one after as `r` (outer joined, where there may be none).
    """
    return f"""
        SELECT
            CASE WHEN r.is_published AND b.is_published THEN '{Told.CORRECTED}'
                WHEN r.is_published THEN '{Told.PUBLISHED}'
                ELSE '{Told.ENDED}' END,
            '{SUBJECT}' || COALESCE(r.code, b.code),
            jsonb_build_object(
                'agency', a.code,
                'reference', COALESCE(r.reference, b.reference),
                'version', CASE WHEN r.is_published THEN r.version ELSE b.version END,
                'uscc', e.uscc
            ) || CASE WHEN r.is_published THEN jsonb_build_object(
                'kind', r.kind,
                'severity', r.severity,
                'happened_on', r.happened_on,
                'effective_from', r.effective_from,
                'effective_until', r.effective_until,
                'published_on', r.published_on,
                'publish_until', r.publish_until,
                'year', r.year,
                'amount', r.amount::text,
                'words', r.words
            ) ELSE jsonb_build_object('ended_on', b.ended_on) END
        {source}
        JOIN registry_agency a ON a.id = COALESCE(r.agency_id, b.agency_id)
        JOIN registry_enterprise e
            ON e.id = CASE WHEN r.is_published THEN r.enterprise_id ELSE b.enterprise_id END
        WHERE ({where}) AND (r.is_published OR b.is_published)
    """
