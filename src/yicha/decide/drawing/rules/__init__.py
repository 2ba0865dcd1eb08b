"""The rule of the draw, pure: files, manifest, seed, tickets, selection, assignment, replacement."""
