"""People who sign in, and what they were granted. For administrators of security; every grant is in the ledger."""
