"""Credit records: facts about an enterprise from a source agency. Internal."""
