"""An officer's own days: visits, day sheets, the address of the calendar."""
