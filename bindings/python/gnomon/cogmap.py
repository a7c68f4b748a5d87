"""The map of what is around an observer: 10 x 10 cells."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Callable, Optional

import numpy as np
from numpy.typing import NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import CellState
from .observer import Observer, Thing

__all__ = ["BeyondObject", "Cell", "CogMap", "CogMapFacts", "CogMapOptions", "MapObject"]


@cache
def _defaults() -> native.gnomon_cogmap_options:
    return handle.filled(native.gnomon_cogmap_options, lib.gnomon_cogmap_options_init)


def _default(name: str) -> Any:
    return field(default_factory=lambda: getattr(_defaults(), name))


@dataclass
class CogMapOptions:
    """Where the observer stands and how large a cell is. The defaults are the library's.

    observer: whom the map is made round. cell_m: metres per cell, 0.05 to 10 in whole centimetres. hold: things that
    must fit, by id, by name, or as themselves; cells are then as small as holds them, and cell_m is not used. beyond_m:
    things outside the cells are told up to this far, metres. max_path_age_m: things last seen more than this much
    walked path ago are left out; 0: none is.
    """

    observer: Observer = field(default_factory=Observer.camera)
    cell_m: float = _default("cell_m")
    hold: Optional[Sequence[Thing]] = None
    beyond_m: float = _default("beyond_m")
    max_path_age_m: float = _default("max_path_age_m")

    def _native(self, borrowed: convert.Borrowed, id_of: Callable[[Thing], int]) -> native.gnomon_cogmap_options:
        struct = handle.filled(native.gnomon_cogmap_options, lib.gnomon_cogmap_options_init)
        convert.put(struct, self, "cell_m", "beyond_m", "max_path_age_m")
        convert.expect(self.observer, Observer, "observer")._fill(struct, id_of)
        convert.put(struct, self.observer, "fallback")
        if self.hold is not None:
            if isinstance(self.hold, str):
                raise TypeError(f"hold is the single text {self.hold!r}, expected a list of things")
            struct.scale = native.GNOMON_SCALE_HOLDING
            ids = [id_of(thing) for thing in self.hold]
            struct.hold, struct.hold_len = borrowed.numbers(ids, "hold", ctypes.c_uint64)
        else:
            struct.scale = native.GNOMON_SCALE_FIXED
        return struct


@dataclass(frozen=True, eq=False)
class CogMapFacts:
    """A map in numbers.

    stamp_ns: of its snapshot, None before the first frame. cell_m: metres per cell. origin: where the observer stands,
    x, y in gnomon's world; the corner that the four middle cells share. heading_rad: where it faces, counter-clockwise
    from world +X. objects: how many things have their centre in a cell; beyond: how many are told beyond the cells.
    is_fallback: the heading is the observer's fallback. side: cells a side, 10.
    """

    stamp_ns: Optional[int]
    cell_m: float
    origin: tuple[float, float]
    heading_rad: float
    objects: int
    beyond: int
    is_fallback: bool
    side: int


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell.

    height_m: lowest and highest thing standing in it, metres above the floor, or None. last_seen_ns: stamp of the
    newest frame that saw its ground or a thing in it, or None. objects: ids of the things whose footprint touches it, a
    read-only array over the map's memory.
    """

    state: CellState
    height_m: Optional[tuple[float, float]]
    last_seen_ns: Optional[int]
    objects: NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class MapObject:
    """A thing whose centre is in a cell.

    grid: its centre in cells, x to the right, y ahead, 0 to 10; the observer is at 5, 5. sigma: standard deviation of
    the centre to the right and ahead, cells. footprint: corners, (n, 2) in cells, counter-clockwise; may reach out of
    the grid; a read-only array over the map's memory.
    """

    id: int
    name: str
    label: str
    grid: tuple[float, float]
    sigma: tuple[float, float]
    footprint: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BeyondObject:
    """A thing whose centre is outside the cells.

    bearing_deg: of its centre, above -180 and up to 180; 0 ahead, right positive. distance_m: of its centre on the
    ground. footprint: corners, (n, 2) in cells, where it reaches into the grid, else empty; a read-only array over the
    map's memory.
    """

    id: int
    name: str
    label: str
    bearing_deg: float
    distance_m: float
    footprint: NDArray[np.float64]


class CogMap(handle.Handle):
    """What is around the observer: 10 x 10 cells. Never changes; any thread; outlives its snapshot.

    Made by `Snapshot.cogmap`. `str(cogmap)` is the drawing for a terminal.
    """

    def __init__(self) -> None:
        raise TypeError("a CogMap is made by Snapshot.cogmap()")

    @property
    def facts(self) -> CogMapFacts:
        """The map in numbers."""
        out = handle.filled(native.gnomon_cogmap_facts, lib.gnomon_cogmap_facts_init)
        handle.check(lib.gnomon_cogmap_info(self._use(), ctypes.byref(out)))
        return CogMapFacts(
            stamp_ns=convert.stamp(out.stamp_ns),
            cell_m=out.cell_m,
            origin=(out.origin[0], out.origin[1]),
            heading_rad=out.heading_rad,
            objects=out.objects,
            beyond=out.beyond,
            is_fallback=bool(out.is_fallback),
            side=out.side,
        )

    @property
    def cells(self) -> NDArray[Any]:
        """The cells as a structured array of shape (10, 10) that the library fills: `cells[j, i]`, i to the right, j
        ahead, with the fields `state` (`CellState`), `has_height`, `low_m`, `high_m` (metres above the floor) and
        `last_seen_ns` (the least 64-bit number: never)."""
        return handle.table(native.gnomon_cell, lib.gnomon_cogmap_cells, self._use()).reshape(10, 10)

    def cell(self, i: int, j: int) -> Cell:
        """The cell that is i to the right and j ahead, each 0 to 9."""
        if not (0 <= i < 10 and 0 <= j < 10):
            raise IndexError(f"there is no cell ({i}, {j}): each is 0 to 9")
        owner = self._use()
        struct = handle.rows(native.gnomon_cell, lib.gnomon_cogmap_cells, owner)[10 * j + i]
        return Cell(
            state=CellState(struct.state),
            height_m=(struct.low_m, struct.high_m) if struct.has_height else None,
            last_seen_ns=convert.stamp(struct.last_seen_ns),
            objects=handle.window(owner, struct.objects, (struct.objects_len,), np.uint64),
        )

    def objects(self) -> list[MapObject]:
        """Things whose centre is in a cell, by ascending id."""
        owner = self._use()
        return [
            MapObject(
                id=struct.id,
                name=handle.text(struct.name),
                label=handle.text(struct.label),
                grid=(struct.grid[0], struct.grid[1]),
                sigma=(struct.sigma[0], struct.sigma[1]),
                footprint=handle.window(owner, struct.footprint, (struct.corners, 2), np.float64),
            )
            for struct in handle.rows(native.gnomon_map_object, lib.gnomon_cogmap_objects, owner)
        ]

    def beyond(self) -> list[BeyondObject]:
        """Things whose centre is outside the cells, nearest first, at most 64."""
        owner = self._use()
        return [
            BeyondObject(
                id=struct.id,
                name=handle.text(struct.name),
                label=handle.text(struct.label),
                bearing_deg=struct.bearing_deg,
                distance_m=struct.distance_m,
                footprint=handle.window(owner, struct.footprint, (struct.corners, 2), np.float64),
            )
            for struct in handle.rows(native.gnomon_map_beyond, lib.gnomon_cogmap_beyond, owner)
        ]

    @property
    def text(self) -> str:
        """The map as one line for a language model."""
        return handle.text_of(lib.gnomon_cogmap_text, self._use())

    @property
    def json(self) -> str:
        """The whole map as JSON."""
        return handle.text_of(lib.gnomon_cogmap_json, self._use())

    @property
    def ascii(self) -> str:
        """The map for a terminal, several lines."""
        return handle.text_of(lib.gnomon_cogmap_ascii, self._use())

    @property
    def svg(self) -> str:
        """The map as an SVG picture."""
        return handle.text_of(lib.gnomon_cogmap_svg, self._use())

    @property
    def png(self) -> bytes:
        """The map as a PNG picture: `pathlib.Path("map.png").write_bytes(cogmap.png)`."""
        owner = self._use()
        data, length = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_size_t()
        handle.check(lib.gnomon_cogmap_png(owner, ctypes.byref(data), ctypes.byref(length)))
        return ctypes.string_at(data, length.value)

    def __str__(self) -> str:
        return self.ascii
