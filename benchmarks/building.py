"""Time and peak memory of a graph build, with the archives already fetched. Prints JSON.

    python benchmarks/building.py --runs 3

Each run is a process of its own that builds into an empty cache beside links to the archives of the caller's cache.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clinigraph.config import resolve_settings
from clinigraph.progress import ProgressBars
from kg import archive_folder, fetch_sources, select_sources


def main() -> None:
    """Build as often as asked and print seconds and megabytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=None)
    arguments = parser.parse_args()
    cache = resolve_settings({"cache": arguments.cache}).cache
    with ProgressBars() as bars:
        fetch_sources(select_sources(None), archive_folder(cache), bars)
    runs = [_build(cache) for _ in range(arguments.runs)]
    print(
        json.dumps(
            {
                "benchmark": "building",
                "processors": os.cpu_count(),
                "load_average": os.getloadavg()[0],
                "seconds": sorted(round(seconds, 1) for seconds, _, _ in runs),
                "median_seconds": round(statistics.median(seconds for seconds, _, _ in runs), 1),
                "peak_memory_mb": max(memory for _, memory, _ in runs),
                "graph_mb": runs[-1][2],
            }
        )
    )


def _build(cache: Path) -> tuple[float, int, int]:
    with tempfile.TemporaryDirectory(prefix="clinigraph-build-") as name:
        fresh = Path(name)
        for shared in ("archives", "models", "vectors"):
            if (cache / shared).is_dir():
                (fresh / shared).symlink_to((cache / shared).resolve())
        command = [sys.executable, "-c", "from clinigraph.cli import main; main()", "kg", "build", "--cache", name]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        size = sum(path.stat().st_size for path in (fresh / "graphs").rglob("*") if path.is_file())
        return seconds, memory, size // 1_000_000


if __name__ == "__main__":
    main()
