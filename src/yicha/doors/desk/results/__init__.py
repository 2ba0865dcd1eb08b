"""Results and their clock: what is due, what is late, what is public."""
