"""Items with their versions."""
