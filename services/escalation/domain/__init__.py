"""The rules of escalation; pure."""
