"""Calendars behind secret addresses, read by the officers' own calendar programs."""
