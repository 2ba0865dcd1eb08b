"""Credit repair: the queue with its clocks, one application along its way, and what each use let go of."""
