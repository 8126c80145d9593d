"""Import of a graph of PrimeKG's size in its own file format, and how quickly it is asked afterwards. Prints JSON.

    python benchmarks/importing.py --edges 4000000

The file is synthetic (`make_primekg.py`). The import runs in a process of its own, on a copy of the caller's graph that
shares its files, and the caller's cache stays as it is.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clinigraph.config import resolve_settings

_MAIN = "from clinigraph.cli import main; main()"


def main() -> None:
    """Make the file, import it, and print seconds, megabytes and what the graph says of itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--edges", type=int, default=4_000_000)
    arguments = parser.parse_args()
    cache = resolve_settings({"cache": arguments.cache}).cache
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory(prefix=".clinigraph-import-", dir=cache) as name:
        copy = Path(name) / "cache"
        copy.mkdir()
        for part in ("graphs", "records", "models", "vectors"):
            if (cache / part).is_dir():
                shutil.copytree(cache / part, copy / part, copy_function=os.link)
        shutil.copy2(cache / "current", copy / "current")
        make = [sys.executable, str(here / "make_primekg.py"), name, "--edges", str(arguments.edges)]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        command = [sys.executable, "-c", _MAIN, "kg", "import", "synthetic", f"{name}/kg.csv", "--cache", str(copy)]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        asked = subprocess.run(
            [sys.executable, str(here / "graph.py"), "--cache", str(copy)], check=True, capture_output=True, text=True
        )
        graph = json.loads(asked.stdout)
    kept = ("open_seconds", "neighbourhood_ms", "counts")
    report = {"benchmark": "importing", "edges": arguments.edges, "seconds": round(seconds, 1)}
    report |= {"peak_memory_mb_of_one_process": memory, "load_average": os.getloadavg()[0]}
    print(json.dumps(report | {name: graph[name] for name in kept}))


if __name__ == "__main__":
    main()
