"""What officials are told, and what did not reach whom it was for."""
