"""What a run prints while it works: one line a step, with how many and how long; and the table at its end."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Step:
    """One step of a run: `result` says what came of it."""

    name: str
    result: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Watch:
    """Adds up the time of a step that is worked on in pieces."""

    progress: Progress
    step: Step

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time one piece."""
        began = time.perf_counter()
        yield
        self.step.seconds += time.perf_counter() - began

    def done(self, result: str) -> None:
        """Print the step with what came of it."""
        self.step.result = result
        self.progress.steps.append(self.step)
        print(f"  {pad(self.step.name, 46)} {pad(result, 44)} {self.step.seconds:6.1f} s", flush=True)


@dataclass(slots=True)
class Progress:
    """The steps of a run, timed and printed as they end."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time one step; the body sets `result`."""
        found = self.watch(name)
        with found.running():
            yield found.step
        found.done(found.step.result)

    def watch(self, name: str) -> Watch:
        """A step that is worked on by turns with another."""
        return Watch(self, Step(name))

    @property
    def seconds(self) -> float:
        """All steps together."""
        return sum(step.seconds for step in self.steps)


def width(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, columns: int) -> str:
    """The text, filled with spaces to a number of columns."""
    return text + " " * max(0, columns - width(text))


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns: what, and how many (to the right)."""
    left = max(width(name) for name, _ in rows)
    right = max(width(value) for _, value in rows)
    return "\n".join(f"  {pad(name, left)}  {' ' * (right - width(value))}{value}" for name, value in rows)
