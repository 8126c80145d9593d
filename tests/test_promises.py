"""Promises that no single room can keep: examples run, start-up is light, the wheel is whole, CI does what we say."""

import ast
import doctest
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("data", "kg", "retrieval", "model", "clinigraph")
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

PYTHON_BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_blocks(page: Path) -> Iterator[tuple[int, str]]:
    """The fenced python blocks of a page, each with the line before its first."""
    text = page.read_text(encoding="utf-8")
    for match in PYTHON_BLOCK.finditer(text):
        yield text.count("\n", 0, match.start(1)), match[1]


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_python_examples_in_documents_run(page: Path) -> None:
    """The blocks of one page share their names, in order; a block without ``>>>`` must at least be valid Python."""
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    names: dict[str, object] = {}
    output: list[str] = []
    for line, block in python_blocks(page):
        if ">>>" not in block:
            ast.parse(block, filename=str(page))
            continue
        example = parser.get_doctest(block, names, relative(page), str(page), line)
        runner.run(example, out=output.append, clear_globs=False)
        names = example.globs
    assert runner.summarize(verbose=False).failed == 0, "".join(output)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=relative)
def test_notebooks_run(notebook: Path) -> None:
    content = nbformat.read(notebook, as_version=4)
    NotebookClient(content, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()


def test_decisions_are_numbered_without_gaps_and_say_why() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:03}-" for n in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        reasons = [heading for heading in headings if heading in ("Context", "Decision", "Consequences")]
        assert reasons == ["Context", "Decision", "Consequences"], page.name


def test_ci_runs_the_command_of_the_readme() -> None:
    if not README.exists():
        pytest.skip("README.md is not there yet")
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    (command,) = [line for line in lines if line.startswith("python3 -m venv")]
    assert command in README.read_text(encoding="utf-8").splitlines()


# --- imports ---------------------------------------------------------------------------------------------------------


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


MODELS = {"accelerate", "faiss", "sentence_transformers", "spacy", "torch", "transformers"}
GRAPHS = {"networkx", "pyarrow", "pyoxigraph", "rdflib"}


@pytest.mark.parametrize("room", ["kg", "retrieval", "model"])
def test_front_doors_open_without_models(room: str) -> None:
    assert modules_after(f"import {room}") & MODELS == set()


def test_the_command_line_starts_without_heavy_libraries() -> None:
    if not (ROOT / "clinigraph" / "cli.py").exists():
        pytest.skip("clinigraph/cli.py is not there yet")
    assert modules_after("import clinigraph.cli") & (MODELS | GRAPHS) == set()


# --- wheel -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The wheel of this working copy, built without a network."""
    if not README.exists():
        pytest.skip("README.md, which the package metadata names, is not there yet")
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "."]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"PATH": path},  # the backend looks for its own program there
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.Path(built)


def contents(wheel: zipfile.Path) -> set[str]:
    return set(wheel.root.namelist())


def shipped_files() -> Iterator[str]:
    """Every file that git keeps, or would keep, in the rooms."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *ROOMS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git working copy")
    yield from (name for name in done.stdout.splitlines() if (ROOT / name).is_file())


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel: zipfile.Path) -> None:
    packaged = {name for name in contents(wheel) if ".dist-info/" not in name and not name.endswith("/")}
    assert packaged == set(shipped_files())


def test_the_wheel_names_its_command_and_licence(wheel: zipfile.Path) -> None:
    (entry_points,) = [name for name in contents(wheel) if name.endswith(".dist-info/entry_points.txt")]
    assert "clinigraph = clinigraph.cli:main" in (wheel / entry_points).read_text(encoding="utf-8")
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in contents(wheel))


# --- network ---------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:A test tried to use socket:UserWarning")
def test_other_hosts_are_refused() -> None:
    with socket.socket() as connection, pytest.raises(SocketConnectBlockedError):
        connection.connect(("192.0.2.1", 80))


def test_this_host_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_child_processes_are_offline_too() -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "pip"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
