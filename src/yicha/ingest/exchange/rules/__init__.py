"""Pure rules of imports: what a file is, which header is which column, what a batch of cells says, the statements."""
