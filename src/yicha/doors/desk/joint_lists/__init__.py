"""Joint lists: what several agencies check together."""
