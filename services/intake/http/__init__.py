"""The routes of intake: parse, authorise, call, answer."""
