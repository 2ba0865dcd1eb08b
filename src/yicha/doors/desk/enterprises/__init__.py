"""Enterprises: search, list, and the page of one."""
