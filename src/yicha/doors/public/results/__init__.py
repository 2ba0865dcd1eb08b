"""Published results: the list with the clock, and one result with its proof."""
