"""Posting another city's export through the front door, and telling what became of every row."""
