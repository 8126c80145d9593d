"""What the tests of this room share."""

from pathlib import Path

import pytest

from tests.model.tiny_gguf import save_tiny_gguf


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One small model as a GGUF file and as transformers saves it."""
    return save_tiny_gguf(tmp_path_factory.mktemp("gguf"))
