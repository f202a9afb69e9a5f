"""Contracts: every topic once, and one module of pydantic models per topic and version."""
