"""`python -m tools.bench [--names a,b]`: measures, prints a table, writes build/bench.json.

Exit code: 0 all measured, 1 one of them failed, 2 a name that is not known.
"""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tools import bench
from tools.bench import Bench, Result

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench.json"


def find_benches() -> dict[str, Bench]:
    """Every benchmark that a module of this package declares, by name."""
    found: dict[str, Bench] = {}
    for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda module: module.name):
        if module.name != "__main__":
            found |= import_module(f"{bench.__name__}.{module.name}").BENCHES
    return found


def chosen(names: str, known: Sequence[str]) -> list[str]:
    """The names asked for; all if none. Ends the program with 2 for a name that is not known."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are: {', '.join(known)}.", file=sys.stderr)
        raise SystemExit(2)
    return list(dict.fromkeys(wanted)) or list(known)


def as_json(result: Result) -> dict[str, object]:
    """The entry in bench.json."""
    return {
        "value": result.value,
        "unit": result.unit,
        "baseline": result.baseline,
        "ratio": result.ratio,
        "note": result.note,
    }


def line(name: str, result: Result) -> str:
    """One row of the table."""

    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:,.3f}"

    cells = (number(result.value), number(result.baseline), number(result.ratio))
    return f"{name:<24} " + " ".join(f"{cell:>14}" for cell in cells) + f"  {result.unit:<8} {result.note}"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench", description="Measures, and writes build/bench.json."
    )
    parser.add_argument("--names", default="", help="which, with commas; all if not given")
    args = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
    benches = find_benches()
    names = chosen(args.names, list(benches))
    print(f"{'name':<24} {'value':>14} {'baseline':>14} {'ratio':>14}  unit")
    results: dict[str, Result] = {}
    failed = 0
    for name in names:
        try:
            results[name] = benches[name]()
        except Exception as error:
            failed += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            if os.environ.get("YICHA_DEBUG") == "1":
                raise
        else:
            print(line(name, results[name]), flush=True)
    write(results)
    return 1 if failed else 0


def write(results: dict[str, Result], out: Path = OUT) -> None:
    """Write what was measured; what another run measured and this one did not stays."""
    out.parent.mkdir(parents=True, exist_ok=True)
    before: dict[str, object] = json.loads(out.read_text("utf-8")) if out.exists() else {}
    new = {name: as_json(result) for name, result in results.items()}
    out.write_text(json.dumps({**before, **new}, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
