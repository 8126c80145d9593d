"""What can go wrong on the way from a user's command to an answer, each as one sentence that says what to do next."""

from pathlib import Path


class UsageError(Exception):
    """Any input that cannot be used; its text is fit to show to a user."""


class UnusableQuestion(UsageError):
    """A question is empty, too long or not text."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The question cannot be answered: {reason}")
        self.reason = reason


class UnreadableFile(UsageError):
    """A file is missing, is no text, or holds nothing."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}")
        self.path, self.reason = path, reason


class UnwritableFile(UsageError):
    """An output file cannot be written."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}; choose another place or free some space.")
        self.path, self.reason = path, reason


class UnusableSetting(UsageError):
    """A setting in the configuration file or on the command line makes no sense."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The setting {name} cannot be used: {reason}")
        self.name, self.reason = name, reason
