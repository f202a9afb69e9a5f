"""The intake service: the way in for reports, actions and the registry."""
