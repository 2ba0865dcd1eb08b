"""The embedded PostgreSQL: found, started, shared and stopped. An app without tables."""
