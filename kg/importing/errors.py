"""What can go wrong with a whole import; single rows that cannot be used are reported, never raised."""

from collections.abc import Iterable
from pathlib import Path

from ..errors import GraphError


class ImportFailed(GraphError):
    """Nothing of an import can be used; its text is fit to show to a user."""


class InputMissing(ImportFailed):
    """A file or folder to import does not exist, or holds nothing that the format reads."""

    def __init__(self, path: Path, wanted: str) -> None:
        super().__init__(f"There is no {wanted} at {path}; check the path.")
        self.path, self.wanted = path, wanted


class UnknownFormat(ImportFailed):
    """The names and first lines of the files do not tell what they are."""

    def __init__(self, paths: Iterable[Path], known: Iterable[str]) -> None:
        self.paths, self.known = tuple(paths), tuple(known)
        names = ", ".join(path.name for path in self.paths)
        super().__init__(f"Cannot tell what kind of file {names} is; pass the format, one of: {', '.join(self.known)}.")


class NotThisFormat(ImportFailed):
    """A file is no such format at all."""

    def __init__(self, path: Path, format: str, reason: str) -> None:
        super().__init__(
            f"{path.name} cannot be read as {format}: {reason.rstrip('.')}; pass the right format, or check the file."
        )
        self.path, self.format, self.reason = path, format, reason


class FileDamaged(ImportFailed):
    """A compressed file ends early or fails its checksum."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} is damaged ({reason.rstrip('.')}); copy or download it again.")
        self.path, self.reason = path, reason


class FileTooLarge(ImportFailed):
    """A file that must be held in memory as a whole is too large for that."""

    def __init__(self, path: Path, limit_bytes: int, advice: str) -> None:
        super().__init__(f"{path.name} is larger than {limit_bytes >> 20} MiB, too large to read at once; {advice}.")
        self.path, self.limit_bytes = path, limit_bytes


class UnsafeXml(ImportFailed):
    """An XML file declares entities that could grow without bound."""

    def __init__(self, path: Path, entity: str) -> None:
        super().__init__(
            f"{path.name} is refused: its entity {entity!r} is built of other entities or points outside the file, "
            "which can exhaust the memory; remove the declaration if you trust the file."
        )
        self.path, self.entity = path, entity


class MappingMissing(ImportFailed):
    """A table of triples came without the file that says what its columns mean."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is a plain table; pass a mapping file (TOML) that says what its columns mean.")
        self.path = path


class MalformedMapping(ImportFailed):
    """The mapping file of a table cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The mapping file {path.name} cannot be used: {reason.rstrip('.')}; mend it and try again.")
        self.path, self.reason = path, reason
