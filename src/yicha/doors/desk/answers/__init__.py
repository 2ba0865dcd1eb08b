"""What an agency says to its parts of planned visits."""
