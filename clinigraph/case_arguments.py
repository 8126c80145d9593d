"""The arguments by which commands take a case; imports nothing heavy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .case_reading import TypedCase

Findings = Annotated[
    list[str] | None,
    typer.Option("--finding", help="A finding by HPO identifier or name, instead of a file; repeat for more."),
]
Excluded = Annotated[
    list[str] | None, typer.Option("--not", help="A finding that was looked for and is absent; repeat for more.")
]
Sex = Annotated[str | None, typer.Option("--sex", help="female, male, other or unknown, with --finding.")]
Age = Annotated[str | None, typer.Option("--age", help="Years, or such as '18 months', with --finding.")]
Compare = Annotated[
    tuple[str, str] | None,
    typer.Option("--compare", help="Two diseases side by side, by place in the list, identifier or name."),
]


def given(
    path: Path | None, findings: list[str] | None, excluded: list[str] | None, sex: str | None, age: str | None
) -> Path | TypedCase:
    """The file that was named, or the case that was typed; a wrong mixture of both ends the command.

    Raises:
        typer.BadParameter: both or neither were given.
    """
    from .case_reading import TypedCase

    typed = TypedCase(tuple(findings or ()), tuple(excluded or ()), sex, age)
    if path is None and typed:
        return typed
    if path is None:
        raise typer.BadParameter("Give a file, or findings with --finding.")
    if typed or sex is not None or age is not None:
        raise typer.BadParameter("Give a file or --finding, not both; --sex and --age go with --finding.")
    return path
