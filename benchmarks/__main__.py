"""Every comparison in turn, and one table of the targets at the end: what ``make bench`` runs.

``python -m benchmarks [append] [paths] [pages] [http] [import] [flood] [crowd] [workers] [month] [papers] [statement] [--quick]``; about fifteen minutes,
``--quick`` about three.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks import (
    append,
    bill_month,
    crowd,
    login_flood,
    our_http,
    our_import,
    our_pages,
    our_paths,
    papers,
    statement,
    workers,
)
from benchmarks.measure import Verdict, verdicts

_PARTS = {
    "append": append.main,
    "paths": our_paths.main,
    "pages": our_pages.main,
    "http": our_http.main,
    "import": our_import.main,
    "flood": login_flood.main,
    "crowd": crowd.main,
    "workers": workers.main,
    "month": bill_month.main,
    "papers": papers.main,
    "statement": statement.main,
}


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *_PARTS], help=f"of {', '.join(_PARTS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="too few rounds to quote")
    given = parser.parse_args()
    began = time.monotonic()
    found: list[Verdict] = []
    # A fresh interpreter for each: what one part leaves in memory is not another's peak, nor in its way.
    failed: list[str] = []
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as interpreters:
        for part in given.parts or _PARTS:
            print(f"\n=== {part}\n", flush=True)
            try:
                found += interpreters.submit(_PARTS[part], ["--quick"] if given.quick else []).result()
            except (Exception, SystemExit) as error:  # noqa: BLE001 -- the other parts are measured all the same
                failed.append(f"{part}: {error!r}")
                print(failed[-1], file=sys.stderr)
    print(f"\n=== {time.monotonic() - began:.0f} s in all\n")
    print(verdicts(found))
    if failed:
        raise SystemExit("\n".join(("not measured:", *failed)))


if __name__ == "__main__":
    main()
