"""What agencies can take along: vehicles and instruments."""
