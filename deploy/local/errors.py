"""What can go wrong with the local stack, said so that the reader knows what to do."""


class StackError(Exception):
    """The stack cannot go on; the text says what, where and what to do, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.en = en
        self.zh = zh


class PortBusyError(StackError):
    """A port that the stack needs belongs to somebody else, or cannot be used."""


class StartFailedError(StackError):
    """A child ended, or did not answer in time, before it was ready."""

    def __init__(self, en: str, zh: str, status: int | None = None) -> None:
        super().__init__(en, zh)
        self.status = status
        """The exit status of a child that ended."""
