"""Numbers in, numbers out; chance comes in as a generator."""
