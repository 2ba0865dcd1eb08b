"""The only writers of calendars, and the solver that makes them."""
