"""Systems of agencies that use the API: made, changed, given a new secret, revoked. For administrators of security."""
