"""What can go wrong with an export."""

from pathlib import Path

from ..errors import GraphError


class ExportFailed(GraphError):
    """The files of an export cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"Cannot write {path} ({reason}); choose a folder that can be written to and has space.")
        self.path, self.reason = path, reason
