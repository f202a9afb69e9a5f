"""Measurements: each prints a table, as a ratio to a bare loop or a peer in the same run."""
