"""The routes of analytics: parse, authorise, call, answer."""
