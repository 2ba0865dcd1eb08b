"""Visits on their way to the door: prepared, approved, announced."""
