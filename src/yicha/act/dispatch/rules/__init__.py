"""Pure rules of dispatch: what may be sent out, what a notice says, and a calendar as a file."""
