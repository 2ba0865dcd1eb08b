"""Visits: the list, an officer's day, and the page on which a visit is carried out."""
