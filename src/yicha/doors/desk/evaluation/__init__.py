"""Evaluation: orderings of past inspections, and how drawn officers compare."""
