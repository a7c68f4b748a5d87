"""The frames worth keeping: those that together see the most of a place."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .box import Box
from .codes import EdgeKind
from .frame import Frame

__all__ = [
    "Keeper",
    "KeeperInfo",
    "KeeperOptions",
    "Kept",
    "Pick",
    "SelectOptions",
    "Selection",
    "Swap",
    "select_frames",
    "select_points",
    "select_voxels",
]


@cache
def _defaults() -> native.gnomon_select_options:
    return handle.filled(native.gnomon_select_options, lib.gnomon_select_options_init)


@cache
def _keeper_defaults() -> native.gnomon_keeper_options:
    return handle.filled(native.gnomon_keeper_options, lib.gnomon_keeper_options_init)


@dataclass
class SelectOptions:
    """How frames are chosen. The defaults are the library's.

    count: how many are wanted. edge, edge_kind: the edge of a voxel. Of points with confidence those count that are
    surer than least_confidence, and no less sure than the share least_quantile of all (0.5: the median).
    """

    count: int = field(default_factory=lambda: _defaults().count)
    edge: float = field(default_factory=lambda: _defaults().edge)
    edge_kind: EdgeKind = EdgeKind.SHORTEST
    least_quantile: float = field(default_factory=lambda: _defaults().least_quantile)
    least_confidence: float = field(default_factory=lambda: _defaults().least_confidence)

    def _native(self) -> native.gnomon_select_options:
        struct = handle.filled(native.gnomon_select_options, lib.gnomon_select_options_init)
        convert.put(struct, self, "count", "edge", "edge_kind", "least_quantile", "least_confidence")
        return struct


class Pick(NamedTuple):
    """A frame that was chosen: its number among those given; the how-manieth it was picked, from 0, or None where it
    fills up; how many voxels it added."""

    frame: int
    order: Optional[int]
    gain: int


class Selection(NamedTuple):
    """Frames that were chosen, ascending, and what they see: voxels of the chosen frames and of all; the edge of a
    voxel, None where the points span no volume and frames were taken evenly, and where voxels were given."""

    picks: tuple[Pick, ...]
    covered: int
    seen: int
    edge: Optional[float]

    @property
    def frames(self) -> list[int]:
        """Numbers of the chosen frames, ascending."""
        return [pick.frame for pick in self.picks]


def _selection(count: int, most: int, function: Any, *arguments: Any) -> Selection:
    """Calls a function that chooses, with room for what it will choose."""
    room = (native.gnomon_pick * max(1, min(count, most)))()
    n = ctypes.c_size_t(len(room))
    facts = handle.filled(native.gnomon_selection_facts, lib.gnomon_selection_facts_init)
    size = ctypes.sizeof(native.gnomon_pick)
    handle.check(function(*arguments, room, size, ctypes.byref(n), ctypes.byref(facts)))
    picks = (Pick(row.frame, None if row.order < 0 else row.order, row.gain) for row in room[: n.value])
    return Selection(tuple(picks), facts.covered, facts.seen, facts.edge or None)


def select_frames(frames: Sequence[Frame], options: Optional[SelectOptions] = None) -> Selection:
    """Chooses the frames, of at most 4096, that together see the most: greedy maximum coverage of voxels, from depth
    and pose. Exactly `options.count`, or all there are."""
    borrowed = convert.Borrowed()
    given = convert.chosen(options, SelectOptions)._native()
    rows = [convert.expect(one, Frame, f"frames[{at}]")._native(borrowed) for at, one in enumerate(frames)]
    array = (native.gnomon_frame * len(rows))(*rows)
    size = ctypes.sizeof(native.gnomon_frame)
    call = lib.gnomon_select_frames
    return _selection(given.count, len(rows), call, array, size, len(rows), ctypes.byref(given))


def select_points(
    points: Sequence[ArrayLike],
    confidence: Optional[Sequence[ArrayLike]] = None,
    options: Optional[SelectOptions] = None,
) -> Selection:
    """Likewise, of the points that each frame sees, (n, 3) in a frame common to all; those that are not finite are left
    out. `confidence`: one number a point, (n,), for each frame; larger is surer. Taken as 32-bit floats."""
    borrowed = convert.Borrowed()
    given = convert.chosen(options, SelectOptions)._native()
    if confidence is not None and len(confidence) != len(points):
        raise ValueError(f"confidence is of {len(confidence)} frames, expected {len(points)}")
    array = (native.gnomon_point_map * len(points))()
    floats = ctypes.POINTER(ctypes.c_float)
    for at, one in enumerate(points):
        xyz = _rows(one, f"points[{at}]", np.float32)
        array[at].points, array[at].points_len = ctypes.cast(borrowed.address(xyz), floats), len(xyz)
        if confidence is not None:
            sure = np.ascontiguousarray(confidence[at], np.float32)
            if sure.shape != (len(xyz),):
                raise ValueError(f"confidence[{at}] has shape {sure.shape}, expected ({len(xyz)},)")
            array[at].confidence = ctypes.cast(borrowed.address(sure), floats)
            array[at].confidence_len = len(sure)
    size = ctypes.sizeof(native.gnomon_point_map)
    call = lib.gnomon_select_points
    return _selection(given.count, len(points), call, array, size, len(points), ctypes.byref(given))


def select_voxels(sets: Sequence[ArrayLike], count: int) -> Selection:
    """Likewise, `count` of the sets of voxels that each frame sees: whole numbers of yours, in any order."""
    borrowed = convert.Borrowed()
    wanted = convert.integer(count, "count", ctypes.c_uint64)
    array = (native.gnomon_voxel_set * len(sets))()
    numbers = ctypes.POINTER(ctypes.c_uint64)
    for at, one in enumerate(sets):
        voxels = np.asarray(one)
        if voxels.ndim != 1 or (voxels.size and voxels.dtype.kind not in "iu"):
            shown = f"shape {voxels.shape} and dtype {voxels.dtype}"
            raise ValueError(f"sets[{at}] has {shown}, expected a row of whole numbers")
        if voxels.dtype.kind == "i" and voxels.size and voxels.min() < 0:
            raise ValueError(f"sets[{at}] has a voxel {voxels.min()}, expected 0 or more")
        voxels = np.ascontiguousarray(voxels, np.uint64)
        array[at].voxels, array[at].len = ctypes.cast(borrowed.address(voxels), numbers), voxels.size
    size = ctypes.sizeof(native.gnomon_voxel_set)
    return _selection(wanted, len(sets), lib.gnomon_select_voxels, array, size, len(sets), wanted)


def _rows(points: ArrayLike, what: str, dtype: Any) -> NDArray[Any]:
    """Points as rows of three numbers that lie side by side; a copy only where they do not."""
    rows = np.ascontiguousarray(points, dtype)
    if rows.size == 0:
        return rows.reshape(0, 3)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise ValueError(f"{what} has shape {rows.shape}, expected (n, 3)")
    return rows


@dataclass
class KeeperOptions:
    """How frames are kept. The defaults are the library's.

    count: how many. log: how many exchanges are remembered; older ones leave a count. edge_m: the edge of a voxel.
    """

    count: int = field(default_factory=lambda: _keeper_defaults().count)
    log: int = field(default_factory=lambda: _keeper_defaults().log)
    edge_m: float = field(default_factory=lambda: _keeper_defaults().edge_m)

    def _native(self) -> native.gnomon_keeper_options:
        struct = handle.filled(native.gnomon_keeper_options, lib.gnomon_keeper_options_init)
        convert.put(struct, self, "count", "log", "edge_m")
        return struct


class Swap(NamedTuple):
    """What became of a frame that was offered: whether it is kept, and how many voxels it added; the frame that went
    for it, None where none did, and the voxels that nobody kept sees any more."""

    frame: int
    is_kept: bool
    gain: int
    gone: Optional[int]
    loss: int

    @classmethod
    def _of(cls, struct: native.gnomon_swap) -> Swap:
        gone = struct.gone if struct.has_gone else None
        return cls(struct.frame, bool(struct.is_kept), struct.gain, gone, struct.loss)


class Kept(NamedTuple):
    """A frame that is kept: the number it was offered under, how many voxels it sees, and how many of these no other
    kept frame does."""

    frame: int
    voxels: int
    alone: int


class KeeperInfo(NamedTuple):
    """A keeper in numbers: frames offered and kept, voxels that these see together, exchanges in the log, and how many
    fell out of it."""

    offered: int
    kept: int
    covered: int
    logged: int
    forgotten: int


class Keeper(handle.Handle):
    """Keeps exactly so many frames of all that it is offered, those that together see the most, at a cost that does not
    grow with the frames met.

    Any thread, one offer at a time (a second one gets a `BusyError`); the lists at any time.
    """

    def __init__(self, options: Optional[KeeperOptions] = None) -> None:
        self._owner = None
        given = ctypes.byref(convert.chosen(options, KeeperOptions)._native())
        self._owner = handle.make(native.gnomon_keeper, lib.gnomon_keeper_free, lib.gnomon_keeper_new, given)

    def offer(self, number: int, frame: Frame) -> Swap:
        """Offers a frame, its depth at its pose, under a number that rises from offer to offer."""
        borrowed = convert.Borrowed()
        theirs = convert.expect(frame, Frame, "frame")._native(borrowed)
        out = native.gnomon_swap()
        given = convert.integer(number, "number", ctypes.c_uint64)
        handle.check(
            lib.gnomon_keeper_offer(self._use(), given, ctypes.byref(theirs), ctypes.byref(out), ctypes.sizeof(out))
        )
        return Swap._of(out)

    def offer_points(self, number: int, points: ArrayLike) -> Swap:
        """Likewise, with the points that the frame sees, (n, 3) in one world for all, metres; at most 19200. Those that
        are not finite are left out."""
        borrowed = convert.Borrowed()
        rows = _rows(points, "points", np.float64)
        out = native.gnomon_swap()
        given = convert.integer(number, "number", ctypes.c_uint64)
        first = ctypes.cast(borrowed.address(rows), ctypes.POINTER(ctypes.c_double))
        handle.check(
            lib.gnomon_keeper_offer_points(self._use(), given, first, len(rows), ctypes.byref(out), ctypes.sizeof(out))
        )
        return Swap._of(out)

    @property
    def info(self) -> KeeperInfo:
        """The keeper in numbers."""
        facts = handle.filled(native.gnomon_keeper_facts, lib.gnomon_keeper_facts_init)
        handle.check(lib.gnomon_keeper_info(self._use(), ctypes.byref(facts)))
        return KeeperInfo(facts.offered, facts.kept, facts.covered, facts.logged, facts.forgotten)

    def kept(self) -> list[Kept]:
        """The kept frames, in the order in which they came."""
        structs = handle.rows(native.gnomon_kept, lib.gnomon_keeper_kept, self._use())
        return [Kept(struct.frame, struct.voxels, struct.alone) for struct in structs]

    def log(self) -> list[Swap]:
        """The newest exchanges, oldest first."""
        structs = handle.rows(native.gnomon_swap, lib.gnomon_keeper_log, self._use())
        return [Swap._of(struct) for struct in structs]

    def seeing(self, box: Box) -> list[tuple[int, int]]:
        """The kept frames that see something of a box in the world of the offers, with how many voxels of it; those
        that see most of it first, of equal ones the newest."""
        theirs = ctypes.byref(convert.expect(box, Box, "box")._struct)
        structs = handle.rows(native.gnomon_sight, lib.gnomon_keeper_seeing, self._use(), theirs)
        return [(struct.frame, struct.voxels) for struct in structs]
