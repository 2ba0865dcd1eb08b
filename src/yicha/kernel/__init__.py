"""What everything stands on: no tables, no Django, no chance."""
