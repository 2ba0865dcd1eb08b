"""The ledger of official acts, to be read."""
