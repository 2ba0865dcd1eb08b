"""Numbers of the law and rates: dated rows that an administrator can change, each with its source."""
