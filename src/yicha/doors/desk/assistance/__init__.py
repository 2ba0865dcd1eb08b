"""Consent to inspect in the region of another."""
