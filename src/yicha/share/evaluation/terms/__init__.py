"""Words of evaluation: orderings of inspections, and how officers compare."""
