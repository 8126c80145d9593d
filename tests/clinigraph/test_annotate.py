"""``clinigraph annotate``: every mention of every text, at its place."""

from pathlib import Path

import pytest

from clinigraph.contract import MentionRecord
from tests.clinigraph.conftest import CommandLine

TEXT = "He has spider fingers.\r\nNo seizures — café. 🫀 Possible scoliosis.\n\nHis mother has chorea; FBN1 was normal."


def mentions(output: str) -> list[MentionRecord]:
    return [MentionRecord.model_validate_json(line, strict=True) for line in output.splitlines()]


def test_a_file(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(TEXT.encode())
    found = mentions(cli.output("annotate", tmp_path / "note.txt", "--jsonl"))
    assert {mention.doc for mention in found} == {"note.txt"}
    assert [TEXT[mention.start : mention.end] for mention in found] == [mention.text for mention in found]
    said = {mention.curie: mention.assertion for mention in found}
    assert {curie: said[curie] for curie in ("HP:0001166", "HP:0001250", "HP:0002650", "HP:0002072")} == {
        "HP:0001166": "present",
        "HP:0001250": "absent",
        "HP:0002650": "possible",
        "HP:0002072": "family",
    }
    assert "HGNC:3603" in said
    assert all(0 < mention.score <= 1 for mention in found)
    assert {mention.label for mention in found} >= {"Arachnodactyly", "Seizure"}


def test_standard_input(cli: CommandLine) -> None:
    found = mentions(cli.output("annotate", "-", "--jsonl", stdin=TEXT.encode()))
    assert {mention.doc for mention in found} == {"-"}
    assert [TEXT[mention.start : mention.end] for mention in found] == [mention.text for mention in found]


def test_a_folder_names_each_document(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Scoliosis.")
    (tmp_path / "a.txt").write_text("Chorea.")
    (tmp_path / "c.md").write_text("Nothing of note.")
    (tmp_path / "d.csv").write_text("Azoospermia.")
    found = mentions(cli.output("annotate", tmp_path, "--jsonl"))
    assert [(mention.doc, mention.curie) for mention in found] == [("a.txt", "HP:0002072"), ("b.txt", "HP:0002650")]


def test_a_bad_file_of_a_folder_stops_nothing_and_is_named(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.txt").write_text("Scoliosis.")
    result = cli.run("annotate", tmp_path, "--jsonl")
    assert [mention.doc for mention in mentions(result.stdout)] == ["b.txt"]
    assert result.exit_code == 1
    assert "a.txt cannot be read: byte 0 is not UTF-8" in result.stderr


def test_a_table_for_people(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("No [bold]scoliosis[/].")
    (line,) = [line for line in cli.output("annotate", tmp_path / "note.txt").splitlines() if "HP:0002650" in line]
    assert line.split()[:5] == ["9", "18", "scoliosis", "HP:0002650", "Scoliosis"]
    assert "absent" in line


@pytest.mark.parametrize("text", ["", "   \n", "Nothing of note."])
def test_a_text_without_mentions(cli: CommandLine, text: str) -> None:
    assert cli.output("annotate", "-", "--jsonl", stdin=text.encode()) == ""
    assert "no concept of the graph was found" in cli.output("annotate", "-", stdin=text.encode())


def test_a_stream_that_is_no_text_fails_with_a_sentence(cli: CommandLine) -> None:
    assert "is not UTF-8" in cli.complaint("annotate", "-", "--jsonl", stdin=b"Scoliosis. \xff\xfe")


def test_a_relative_is_named(cli: CommandLine) -> None:
    found = mentions(cli.output("annotate", "-", "--jsonl", stdin=TEXT.encode()))
    assert {mention.curie: mention.relative for mention in found}["HP:0002072"] == "mother"


def test_a_long_text(cli: CommandLine) -> None:
    text = "The boy was seen again and again, and he was well. " * 3_000 + "He has scoliosis."
    (found,) = mentions(cli.output("annotate", "-", "--jsonl", stdin=text.encode()))
    assert text[found.start : found.end] == "scoliosis"
