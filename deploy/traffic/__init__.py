"""Live traffic on a city: people report, units work, checks fail, limits are missed."""
