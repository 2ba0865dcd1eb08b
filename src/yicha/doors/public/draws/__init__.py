"""Draws, for everybody: what was fixed before, what came of it, and the files to recompute it from."""
