"""The platform: one job a module."""
