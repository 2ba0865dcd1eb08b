"""Reading calendars, what agencies answer, and what is exported. Lists are narrowed at the door."""
