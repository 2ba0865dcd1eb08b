"""Imports: upload, mapping, dry run with its tables, apply, undo."""
