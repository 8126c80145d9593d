"""What can go wrong while reading text and finding evidence, each as one sentence that says what to do next."""

from pathlib import Path


class RetrievalError(Exception):
    """Any failure of the retrieval room; its text is fit to show to a user."""


class NothingToRank(RetrievalError):
    """A case has no finding that the graph knows as a phenotype."""

    def __init__(self, case: str, warnings: tuple[str, ...] = ()) -> None:
        reasons = "".join(f" {warning}" for warning in warnings)
        super().__init__(
            f"Case {case} has no finding that the graph knows; add a phenotype term (HP:…) or describe one in words."
            + reasons
        )
        self.case, self.warnings = case, warnings


class RankingIndexDamaged(RetrievalError):
    """The files of the ranking index are missing, incomplete or of another graph."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The ranking index in {folder} cannot be read ({reason}); rebuild it with: clinigraph kg build --force"
        )
        self.folder, self.reason = folder, reason
