"""Dispatch: files incidents, finds their units, and is the only writer of a case's state."""
