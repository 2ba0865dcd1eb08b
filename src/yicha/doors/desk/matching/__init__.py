"""Rounds: a quarter along its steps, its demands and visits, and the matching that turns one into the other."""
