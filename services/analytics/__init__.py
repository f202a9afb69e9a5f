"""Analytics: timelines of all cases, exact figures, and the operators' console."""
