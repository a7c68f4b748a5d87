"""What a text tells: scene texts and triplets read back, and layouts composed of triplets."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple, Optional

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .answer import Answer, AskOptions
from .box import Box
from .codes import ToldPlace

__all__ = [
    "Gauge",
    "Layout",
    "LayoutFacts",
    "Loop",
    "PlacementError",
    "Rejected",
    "Told",
    "ToldThing",
    "Triplet",
    "Triplets",
]


class Rejected(NamedTuple):
    """What was left out of a text: its line, from 1, and what was wrong with it."""

    line: int
    reason: str


@dataclass(frozen=True)
class Triplet:
    """Stand at a, face b, locate c, in a grid of 0 to 10, x to the right and y ahead; a is at 5, 5.

    t: number of the line, as it is written. c, c_xy: None in the record of a pair. cell_m: metres a cell, None in a
    text without units. fallback: the heading is not that from a to b, which are in one spot.
    """

    t: int
    a: str
    b: str
    c: Optional[str]
    b_xy: tuple[float, float]
    c_xy: Optional[tuple[float, float]]
    cell_m: Optional[float]
    fallback: bool

    @classmethod
    def _of(cls, s: native.gnomon_triplet) -> Triplet:
        return cls(
            t=s.t,
            a=handle.text(s.a),
            b=handle.text(s.b),
            c=handle.text(s.c) if s.has_c else None,
            b_xy=(s.b_xy[0], s.b_xy[1]),
            c_xy=(s.c_xy[0], s.c_xy[1]) if s.has_c else None,
            cell_m=s.cell_m or None,
            fallback=bool(s.fallback),
        )


class ToldThing(NamedTuple):
    """A thing as a row of a text tells it. told: what the row says of where it is; box: with `ToldPlace.BOX`; place: x,
    y of its centre, unless nothing is told. first_seen_ns: after the first thing of the scene, or None."""

    name: str
    told: ToldPlace
    box: Optional[Box]
    place: Optional[tuple[float, float]]
    first_seen_ns: Optional[int]


class PlacementError(NamedTuple):
    """How far told places are off: mean distance of those that were placed, cells; how many were, and were to be."""

    mean_cells: float
    placed: int
    things: int


class Loop(NamedTuple):
    """A triplet, by its index, that located what had a place already, and how far off it puts it, metres."""

    triplet: int
    residual_m: float


class Gauge(NamedTuple):
    """What triplets leave open: the thing at 0, 0, the thing straight ahead of it, how far apart they are (metres)."""

    origin: str = ""
    ahead: str = ""
    baseline_m: float = 0.0


def _rejected(function: Callable[..., int], owner: handle.Owner) -> tuple[list[Rejected], int]:
    """The first 1000 of what was left out, and how much it was in all."""
    n, in_all = ctypes.c_size_t(0), ctypes.c_size_t(0)
    size = ctypes.sizeof(native.gnomon_rejected)
    handle.check(function(owner, None, size, ctypes.byref(n), ctypes.byref(in_all)))
    items = (native.gnomon_rejected * n.value)()
    if n.value:
        handle.check(function(owner, items, size, ctypes.byref(n), ctypes.byref(in_all)))
    return [Rejected(item.line, handle.text(item.reason)) for item in items], in_all.value


def _places(borrowed: convert.Borrowed, truth: Mapping[str, Sequence[float]]) -> Any:
    places = (native.gnomon_place * len(truth))()
    for place, (name, at) in zip(places, truth.items()):
        place.name = borrowed.text(name, "a name in truth")
        place.at = (ctypes.c_double * 2)(*convert.reals(at, f"truth[{name!r}]", 2))
    return places


class Triplets(handle.Handle):
    """What was read of a text of triplets: lines of a `Chain`, or what a model made of such lines. Never changes; any
    thread. Nothing is clamped: what cannot be is left out, and `rejected` tells why. known: the names there are; none:
    any name is taken."""

    def __init__(self, text: str, known: Sequence[str] = ()) -> None:
        self._owner = None
        borrowed = convert.Borrowed()
        names, n = borrowed.texts(known, "known")
        words = borrowed.text(text, "text")
        self._owner = handle.make(
            native.gnomon_triplets, lib.gnomon_triplets_free, lib.gnomon_triplets_read, words, names, n
        )

    def triplets(self) -> list[Triplet]:
        """The triplets in the order of the text."""
        owner = self._use()
        return [Triplet._of(s) for s in handle.rows(native.gnomon_triplet, lib.gnomon_triplets_list, owner)]

    def rejected(self) -> tuple[list[Rejected], int]:
        """What was left out, the first 1000 of it, and how much it was in all."""
        owner = self._use()
        return _rejected(lib.gnomon_triplets_rejected, owner)

    def error(self, truth: Mapping[str, Sequence[float]]) -> PlacementError:
        """How far the triplets are from truth (name to world x, y, metres, in the order in which things were first
        seen), each in the cells of its own grid; all but the first two are to be located."""
        borrowed = convert.Borrowed()
        out = native.gnomon_placement_error()
        places, size = _places(borrowed, truth), ctypes.sizeof(native.gnomon_place)
        room = ctypes.byref(out), ctypes.sizeof(out)
        handle.check(lib.gnomon_triplets_error(self._use(), places, size, len(truth), *room))
        return PlacementError(out.mean_cells, out.placed, out.things)

    def layout(self, gauge: Optional[Gauge] = None) -> Layout:
        """Composes the triplets to places; without a gauge, all of it is taken from the first triplet."""
        struct = handle.filled(native.gnomon_gauge, lib.gnomon_gauge_init)
        borrowed = convert.Borrowed()
        given = convert.chosen(gauge, Gauge, "gauge")
        struct.origin = borrowed.text(given.origin, "origin")
        struct.ahead = borrowed.text(given.ahead, "ahead")
        convert.put(struct, given, "baseline_m")
        arguments = (self._use(), ctypes.byref(struct))
        return Layout._over(
            handle.make(native.gnomon_layout, lib.gnomon_layout_free, lib.gnomon_layout_compose, *arguments)
        )


@dataclass(frozen=True)
class LayoutFacts:
    """A layout in numbers: the thing at 0, 0, the thing straight ahead and how far apart they are; how many things have
    a place; triplets that closed a loop, could not be used, or were taken to face as the layout does."""

    origin: str
    ahead: str
    baseline_m: float
    places: int
    loops: int
    unused: int
    by_fallback: int


class Layout(handle.Handle):
    """Places composed of triplets. Never changes; any thread; outlives its triplets. Made by `Triplets.layout`."""

    def __init__(self) -> None:
        raise TypeError("a Layout is made by Triplets.layout()")

    @property
    def facts(self) -> LayoutFacts:
        """The layout in numbers."""
        owner = self._use()
        out = handle.filled(native.gnomon_layout_facts, lib.gnomon_layout_facts_init)
        handle.check(lib.gnomon_layout_info(owner, ctypes.byref(out)))
        origin, ahead = handle.texts(owner, (out.origin, out.ahead), 2)
        return LayoutFacts(origin, ahead, out.baseline_m, out.places, out.loops, out.unused, out.by_fallback)

    def places(self) -> dict[str, tuple[float, float]]:
        """Where each thing is, by name: metres to the right of the origin and ahead."""
        owner = self._use()
        structs = handle.rows(native.gnomon_place, lib.gnomon_layout_places, owner)
        return {handle.text(s.name): (s.at[0], s.at[1]) for s in structs}

    def loops(self) -> list[Loop]:
        """How well triplets agree that locate one thing again, in the order in which they were composed."""
        structs = handle.rows(native.gnomon_loop, lib.gnomon_layout_loops, self._use())
        return [Loop(s.triplet, s.residual_m) for s in structs]

    def error(self, truth: Mapping[str, Sequence[float]], cell_m: float) -> PlacementError:
        """How far the layout is from truth (name to world x, y, metres), in cells of cell_m metres. The gauge's two
        things must be in it, and are not counted."""
        borrowed = convert.Borrowed()
        out = native.gnomon_placement_error()
        places, size = _places(borrowed, truth), ctypes.sizeof(native.gnomon_place)
        room = convert.real(cell_m, "cell_m"), ctypes.byref(out), ctypes.sizeof(out)
        handle.check(lib.gnomon_layout_error(self._use(), places, size, len(truth), *room))
        return PlacementError(out.mean_cells, out.placed, out.things)


class Told(handle.Handle):
    """A scene as a text tells it: what `Snapshot.text` wrote, or what a model repeated of it. Never changes; any
    thread."""

    def __init__(self, text: str) -> None:
        self._owner = None
        borrowed = convert.Borrowed()
        words = borrowed.text(text, "text")
        self._owner = handle.make(native.gnomon_told, lib.gnomon_told_free, lib.gnomon_told_read, words)

    def things(self) -> list[ToldThing]:
        """The things that have a row, in the order of the text."""
        owner = self._use()
        things = []
        for s in handle.rows(native.gnomon_told_thing, lib.gnomon_told_things, owner):
            told = ToldPlace(s.told)
            box = Box._of(s.obb) if told == ToldPlace.BOX else None
            place = None if told == ToldPlace.NOTHING else (s.obb.centre[0], s.obb.centre[1])
            seen = s.first_seen_ns if s.has_first_seen else None
            things.append(ToldThing(handle.text(s.name), told, box, place, seen))
        return things

    def counts(self) -> dict[str, int]:
        """How many there are of each category of which not every thing has a row."""
        owner = self._use()
        structs = handle.rows(native.gnomon_told_count, lib.gnomon_told_counts, owner)
        return {handle.text(s.label): s.count for s in structs}

    def triplets(self) -> list[Triplet]:
        """The triplets, in the order of the text."""
        owner = self._use()
        return [Triplet._of(s) for s in handle.rows(native.gnomon_triplet, lib.gnomon_told_triplets, owner)]

    def rejected(self) -> tuple[list[Rejected], int]:
        """The lines that were left out, the first 1000 of them, and how many they were in all."""
        owner = self._use()
        return _rejected(lib.gnomon_told_rejected, owner)

    @property
    def room_area_m2(self) -> Optional[float]:
        """The area of the floor that the text tells, m^2, or None."""
        out = ctypes.c_double()
        handle.check(lib.gnomon_told_room_area(self._use(), ctypes.byref(out)))
        return out.value or None

    def ask(self, question: str, choices: Sequence[str] = (), options: Optional[AskOptions] = None) -> Answer:
        """Answers a question in words from the text alone, which is taken for complete: what it does not tell is not
        there."""
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, AskOptions)._native(borrowed))
        offered, n = borrowed.texts(choices, "choices")
        arguments = (self._use(), borrowed.text(question, "question"), offered, n, given)
        return Answer._over(handle.make(native.gnomon_answer, lib.gnomon_answer_free, lib.gnomon_told_ask, *arguments))
