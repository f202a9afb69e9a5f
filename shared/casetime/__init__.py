"""Whose the time of a case is; pure: as the shares in its events, and as spans."""
