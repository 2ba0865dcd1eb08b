"""Directories: sets of enterprises, by rule or by hand."""
