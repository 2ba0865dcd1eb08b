"""A round along the eight things done once."""
