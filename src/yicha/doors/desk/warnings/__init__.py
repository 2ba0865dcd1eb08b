"""Area of the desk: warnings of monitoring."""
