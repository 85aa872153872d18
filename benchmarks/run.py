"""Time lzopen beside its peers, in one process and one thread.

``make bench`` runs all cases, prints a table, writes results.json and draws cost.png beside this
file. ``python benchmarks/run.py NAME …`` runs and prints the named cases only.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

# Before anything loads a linear algebra library; NPROC is how many threads XLA starts.
os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    NPROC="1",
    XLA_FLAGS="--xla_cpu_multi_thread_eigen=false",
    JAX_PLATFORMS="cpu",
    JAX_ENABLE_X64="1",
)

import plot
import report
from cases import CASES
from harness import Result
from tqdm import tqdm

HERE = Path(__file__).parent


def main() -> None:
    """Run the cases that are asked for, or all of them, and tell what came out."""
    parser = argparse.ArgumentParser(description="Time lzopen beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}")
    names = parser.parse_args().names
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        parser.error(f"no case is called {', '.join(unknown)}; there are {', '.join(CASES)}")
    progress = tqdm(names or list(CASES), leave=False)
    results: list[Result] = []
    for name in progress:
        progress.set_description(name)
        results += CASES[name]()
    print(report.table(results))
    if not names:
        report.write(results, HERE / "results.json")
        plot.cost(results, HERE / "cost.png")


if __name__ == "__main__":
    main()
