"""Agencies: departments of regions."""
