"""The gate on the desk: applications with a live answer, verdicts with their reasons, and what waits."""
