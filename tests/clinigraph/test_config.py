"""Settings: flag over file over environment over default."""

from pathlib import Path

import pytest

from clinigraph.config import Settings, resolve_settings
from clinigraph.errors import UnusableSetting


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_the_order_of_precedence(file: Path) -> None:
    environment = {"CLINIGRAPH_MODEL": "from environment", "CLINIGRAPH_CACHE": "/environment"}
    assert resolve_settings({}, {}, file).model == "default"
    assert resolve_settings({}, environment, file).model == "from environment"
    file.write_text('model = "from file"\ntoken_budget = 300\n')
    settings = resolve_settings({"model": None}, environment, file)
    assert (settings.model, settings.cache, settings.token_budget) == ("from file", Path("/environment"), 300)
    assert resolve_settings({"model": "from flag"}, environment, file).model == "from flag"


def test_the_home_folder_is_understood(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert resolve_settings({"cache": Path("~/graphs")}, {}, file).cache == Path("/home/someone/graphs")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour = 'blue'", "setting colour cannot be used.*may set api_key, cache"),
        ("model = ", "mend or delete the file"),
        ("generator = 'oracle'", "neither model nor graph"),
        ("token_budget = 0", "at least 1"),
        ("max_new_tokens = 'many'", "not a whole number"),
        ("token_budget = 1.5", "not a whole number"),
    ],
)
def test_settings_that_make_no_sense(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(UnusableSetting, match=words):
        resolve_settings({}, {}, file)


def test_bytes_that_are_not_utf8(file: Path) -> None:
    file.write_bytes(b"model = '\xff'")
    with pytest.raises(UnusableSetting):
        resolve_settings({}, {}, file)


def test_the_key_is_never_shown() -> None:
    assert "secret" not in repr(Settings(Path("."), api_key="secret"))
    assert "secret" not in str(Settings(Path("."), api_key="secret"))
