"""Pure rules of planning: plans, strata, coverage, matching, officers."""
