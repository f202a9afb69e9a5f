"""Rebuilding analytics from the topics: the same rules into a side database, then compared."""
