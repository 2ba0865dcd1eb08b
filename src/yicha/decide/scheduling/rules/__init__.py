"""Pure rules of a calendar: what it must keep, what it cannot do better, and why a visit has no place."""
