"""Agreements between regions: drafts, signatures, versions, standards that count as the same."""
