"""The rules of analytics; pure."""
