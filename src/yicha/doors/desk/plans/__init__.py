"""Annual plans: their list, one plan with its entries, and coverage against the floor."""
