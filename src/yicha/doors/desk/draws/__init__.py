"""Draws, as officials carry them out: commit, publish, reveal, run, replace, void."""
