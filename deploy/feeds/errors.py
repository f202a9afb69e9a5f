"""What can be wrong with a file that somebody wants to feed in."""

from deploy.local.errors import StackError


class FeedError(StackError):
    """A file, or the mapping that says how to read it, is not what it should be."""
