"""Working time and natural time: when limits are used up. Pure."""
