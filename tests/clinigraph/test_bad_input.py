"""Whatever goes wrong is said in one sentence that says what to do, with an exit code and without a traceback."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

import kg.assemble
from clinigraph.errors import UnwritableFile
from clinigraph.output import json_lines
from clinigraph.wiring import Application
from tests.clinigraph.conftest import CommandLine
from tests.conftest import ROOT
from tests.small_graph import SmallGraph, pack

QUESTION = "How is Marfan syndrome inherited?"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("", "it is empty; ask, for example"),
        (" \t\n", "it is empty"),
        ("?!", "it is empty"),
        ("x " * 500_000, "at most 4,000 are read"),
        ("caf\udce9 syndrome", "not UTF-8"),
    ],
)
def test_questions(cli: CommandLine, question: str, words: str) -> None:
    assert words in cli.complaint("ask", question)
    assert words in cli.complaint("ask", question, "--json")


def test_a_bad_question_is_refused_before_anything_is_fetched(bare: CommandLine) -> None:
    assert "it is empty" in bare.complaint("ask", "")


@pytest.mark.parametrize(
    "command", [("diagnose",), ("diagnose", "--jsonl", "out"), ("annotate",), ("ask", "--jsonl", "out", "--batch")]
)
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.txt", None, "there is no such file; check the name"),
        ("bytes.txt", b"caf\xe9 has scoliosis", "byte 3 is not UTF-8; save it as UTF-8"),
        ("utf16.txt", "scoliosis".encode("utf-16"), "not UTF-8"),
    ],
)
def test_files(
    cli: CommandLine, tmp_path: Path, command: tuple[str, ...], name: str, content: bytes | None, words: str
) -> None:
    path, out = tmp_path / name, tmp_path / "out.jsonl"
    if content is not None:
        path.write_bytes(content)
    if content is not None and command == ("diagnose", "--jsonl", "out"):
        assert words in cli.complaint("diagnose", path, "--jsonl", out)  # the line is written, and the command fails
        assert words in json.loads(out.read_text())["error"]
    else:
        arguments = [out if argument == "out" else argument for argument in command]
        assert words in cli.complaint(*arguments, path)
        assert not out.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cut.json", b'{"id": "x", "subject": {', "may be cut short"),
        ("other.json", b'{"a": 1}', "no phenopacket"),
        ("empty.json", b"", "is empty"),
        ("empty.txt", b" \n", "is empty"),
        ("none.txt", b"The weather was fine.", "no finding that the graph knows"),
        ("cut.zip", b"PK\x03\x04", "no zip archive, or is cut short"),
    ],
)
def test_cases(cli: CommandLine, tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert words in cli.complaint("diagnose", tmp_path / name)


@pytest.mark.parametrize("command", ["diagnose", "annotate"])
def test_empty_folders(cli: CommandLine, tmp_path: Path, command: str) -> None:
    (tmp_path / "empty").mkdir()
    assert "the folder has no" in cli.complaint(command, tmp_path / "empty")


def test_standard_input_that_is_not_utf8(cli: CommandLine) -> None:
    assert "standard input cannot be read: byte 0" in cli.complaint("annotate", "-", stdin=b"\xff\xfe")


def test_a_batch_without_a_question(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("\n \n")
    assert "has no question" in cli.complaint("ask", "--batch", tmp_path / "q.txt", "--jsonl", tmp_path / "a.jsonl")


# --- output ----------------------------------------------------------------------------------------------------------


def test_output_that_cannot_be_opened(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("He has scoliosis.")
    words = "cannot be written"
    assert words in cli.complaint("diagnose", tmp_path / "p.txt", "--jsonl", tmp_path / "nowhere" / "out.jsonl")
    assert words in cli.complaint("ask", "--batch", tmp_path / "p.txt", "--jsonl", tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_output_on_a_full_disk(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("He has scoliosis.")
    said = cli.complaint("diagnose", tmp_path / "p.txt", "--jsonl", "/dev/full")
    assert said.startswith("/dev/full cannot be written: No space left on device")


def test_what_was_written_before_a_disk_was_full_is_kept(tmp_path: Path) -> None:
    def write_until_full() -> None:
        with json_lines(tmp_path / "out.jsonl") as file:
            file.write('{"case": 1}\n')
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(UnwritableFile, match="No space left on device"):
        write_until_full()
    assert (tmp_path / "out.jsonl").read_text() == '{"case": 1}\n'


# --- settings and models ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("ask", QUESTION), ("kg", "info"), ("annotate", "x"), ("diagnose", "x")])
def test_a_configuration_file_with_an_unknown_setting(
    cli: CommandLine, config_file: Callable[[str], None], command: tuple[str, ...]
) -> None:
    config_file("colour = 'blue'")
    assert "The setting colour cannot be used" in cli.complaint(*command)


def test_a_configuration_file_that_is_no_toml(cli: CommandLine, config_file: Callable[[str], None]) -> None:
    config_file("model: gpt")
    assert "mend or delete the file" in cli.complaint("kg", "info")


def test_unknown_generators_and_models(cli: CommandLine) -> None:
    assert "neither model nor graph" in cli.complaint("ask", QUESTION, "--generator", "oracle")
    said = cli.complaint("ask", QUESTION, "--generator", "model", "--model", "nosuch")
    assert said.startswith("There is no model 'nosuch'; use one of")


def test_a_model_server_that_is_not_there(cli: CommandLine) -> None:
    url = "http://127.0.0.1:9/v1#tiny"
    assert "model server" in cli.complaint("ask", QUESTION, "--generator", "model", "--model", url)


def test_a_folder_without_a_model(cli: CommandLine, tmp_path: Path) -> None:
    said = cli.complaint("ask", QUESTION, "--generator", "model", "--model", tmp_path)
    assert "cannot be used" in said


def test_a_prompt_that_cannot_be_used(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answer.toml").write_text("version = ")
    monkeypatch.setenv("CLINIGRAPH_PROMPTS", str(tmp_path))
    assert "prompt template answer.toml cannot be used" in cli.complaint("ask", QUESTION)


# --- the graph -------------------------------------------------------------------------------------------------------

COMMANDS = [("ask", QUESTION, "--generator", "graph"), ("kg", "info"), ("kg", "build"), ("kg", "show", "HP:0001166")]


@pytest.mark.parametrize("command", COMMANDS[:2])
def test_no_graph_and_no_network(bare: CommandLine, command: tuple[str, ...]) -> None:
    assert bare.complaint(*command).startswith("Could not fetch small-hpo==1.0")


def test_a_cache_that_is_a_file(bare: CommandLine) -> None:
    bare.cache.write_text("in the way")
    for command in COMMANDS:
        assert f"Cannot write to {bare.cache}" in bare.complaint(*command)


def test_a_read_only_cache(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(FileLock, "acquire", refuse)  # modes do not stop root, under whom tests may run
    assert "Read-only file system" in bare.complaint("kg", "build")


def test_a_built_graph_is_read_from_a_read_only_cache(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for name in ("mkdir", "write_text", "write_bytes", "touch"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr(os, "replace", refuse)
    assert "autosomal dominant" in cli.output("ask", QUESTION)
    assert cli.output("kg", "query", "ASK {}") == "true\n"


def test_a_full_disk(own: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(kg.assemble, "compile_snapshot", full)
        assert "No space left on device" in own.complaint("kg", "build", "--force")
    assert "Marfan" in own.output("kg", "show", "OMIM:154700")


def test_a_hash_mismatch(own: CommandLine, small_world: SmallGraph) -> None:
    name = small_world.entries[0].members[0].archive.filename
    (own.cache / "archives" / name).write_bytes(b"tampered")
    assert f"{name} has sha256" in own.complaint("kg", "build", "--force")
    assert "Marfan" in own.output("kg", "show", "OMIM:154700")


def test_two_builds_at_once(bare: CommandLine) -> None:
    pack(bare.cache)
    with FileLock(bare.cache / "build.lock"):
        assert "Another build is writing" in bare.complaint("kg", "build")
    assert "graph " in bare.output("kg", "build")


@pytest.mark.parametrize("name", ["manifest.json", "facts.arrow", "closure-indices.npy"])
def test_a_damaged_graph(own: CommandLine, small_world: SmallGraph, name: str) -> None:
    path = own.cache / "graphs" / small_world.folder.name / "snapshot" / name
    path.write_bytes(path.read_bytes()[:40])
    assert "rebuild it with: clinigraph kg build --force" in own.complaint("ask", QUESTION, "--generator", "graph")
    assert "graph " in own.output("kg", "build", "--force")
    assert "autosomal dominant" in own.output("ask", QUESTION, "--generator", "graph")


def test_a_damaged_store(own: CommandLine, small_world: SmallGraph) -> None:
    store = own.cache / "graphs" / small_world.folder.name / "store"
    for path in store.iterdir():
        path.unlink()
    assert "kg build --force" in own.complaint("kg", "query", "ASK {}")


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_ctrl_c(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Application) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Application, "answerer", property(interrupted))
    result = cli.run("ask", QUESTION)
    assert result.exit_code == 130
    assert result.stderr == "clinigraph: Stopped; nothing is left half-done.\n"


def test_errors_that_are_bugs_keep_their_traceback(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(_: Application) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Application, "answerer", property(bug))
    assert isinstance(cli.run("ask", QUESTION).exception, ZeroDivisionError)


@pytest.mark.slow  # imports spaCy, and torch with it
def test_a_process_ends_as_commands_do(tmp_path: Path) -> None:
    """The one test that starts a process: what the in-process ones see is what a shell sees."""
    command = [sys.executable, "-c", "from clinigraph.cli import main; main()", "ask", "", "--cache", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("clinigraph: The question cannot be answered: it is empty")
    assert len(done.stderr.splitlines()) == 1
