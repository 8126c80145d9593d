"""What can go wrong with the graph, each as one sentence that says what to do next."""

from pathlib import Path


class GraphError(Exception):
    """Any failure of the graph room; its text is fit to show to a user."""


class MalformedCurie(GraphError):
    """A string was used as a CURIE but has no ``prefix:local`` form."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not an identifier like HP:0001250; write prefix, colon, number.")
        self.text = text


class MalformedFrequency(GraphError):
    """A frequency is neither a fraction, a percentage nor an HPO frequency term."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a frequency; use 3/7, 45% or an HPO frequency term such as HP:0040281.")
        self.text = text


class UnknownConcept(GraphError):
    """The graph has no concept under this identifier, not even as an obsolete or equivalent one."""

    def __init__(self, curie: str) -> None:
        super().__init__(f"The graph has no concept {curie}; check the identifier, or rebuild with newer sources.")
        self.curie = curie


class UnknownSource(GraphError):
    """The catalogue has no source of this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no source {name!r}; choose from {', '.join(known)}.")
        self.name, self.known = name, known


class SourceNameTaken(GraphError):
    """An import has the name of a source of the catalogue."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is a source of the catalogue; give what you import another name.")
        self.name = name


class GraphNotBuilt(GraphError):
    """No finished graph lies in the cache."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no graph in {folder}; build it with: clinigraph kg build")
        self.folder = folder


class GraphDamaged(GraphError):
    """The files of a graph are missing, truncated or of another layout."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The graph in {folder} cannot be read ({reason}); rebuild it with: clinigraph kg build --force"
        )
        self.folder = folder


class BuildInProgress(GraphError):
    """Another process holds the build lock."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Another build is writing to {folder}; wait until it has finished and try again.")
        self.folder = folder


class CacheNotWritable(GraphError):
    """The cache folder cannot be written to, or its disk is full."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"Cannot write to {folder} ({reason}); free some space, or choose a writable folder with CLINIGRAPH_CACHE."
        )
        self.folder = folder


class ArchiveUnavailable(GraphError):
    """A pinned archive is not cached and could not be fetched."""

    def __init__(self, requirement: str, reason: str) -> None:
        super().__init__(
            f"Could not fetch {requirement} ({reason}); connect to a package index once, "
            "or copy the archive into the cache, and try again."
        )
        self.requirement = requirement


class HashMismatch(GraphError):
    """A file does not have the pinned sha256; it is never used."""

    def __init__(self, name: str, expected: str, actual: str) -> None:
        super().__init__(
            f"{name} has sha256 {actual[:12]}… but {expected[:12]}… is pinned, so it is refused; "
            "delete the file and fetch it again, or check where it came from."
        )
        self.name, self.expected, self.actual = name, expected, actual


class MalformedSource(GraphError):
    """A source file does not have the form that its reader expects."""

    def __init__(self, source: str, where: str, reason: str) -> None:
        super().__init__(f"The {source} file cannot be read at {where}: {reason}; fetch the pinned release again.")
        self.source, self.where, self.reason = source, where, reason


class MalformedQuery(GraphError):
    """A SPARQL query does not parse or cannot be evaluated."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The SPARQL query cannot be run: {reason}")
        self.reason = reason


class MalformedShape(GraphError):
    """A SHACL shape cannot be used."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"The shape {where} cannot be used: {reason}; mend it in the file of shapes.")
        self.where, self.reason = where, reason


class MalformedCase(GraphError):
    """A patient file cannot be turned into a case."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be read as a case: {reason}")
        self.name, self.reason = name, reason


class MalformedRule(GraphError):
    """A rule of the rule table cannot be read."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} cannot be used: {reason}; mend it in the rule file.")
        self.where, self.reason = where, reason
