"""Results for others: what is offered, who leans on it, refusals, revocations, and certificates."""
