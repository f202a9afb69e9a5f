"""Escalation: runs the clocks of cases, and tells superiors before it is too late."""
