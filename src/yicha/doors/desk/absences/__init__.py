"""When officers cannot be sent."""
