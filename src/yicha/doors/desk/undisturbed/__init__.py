"""The undisturbed list: listings with their protocol, candidates, and the rows it is found by."""
