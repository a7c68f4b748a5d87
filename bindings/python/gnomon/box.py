"""Boxes with rotation, in a world of metres with Z up."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib

__all__ = ["Box"]


class Box:
    """A box with rotation, in a world of metres with Z up.

    centre: geometric centre, metres. size: full side lengths l, w, h along the box's own x, y, z, metres, each above 0.
    world_from_box: unit quaternion x, y, z, w that turns box axes into world axes.
    """

    __slots__ = ("_struct",)

    def __init__(self, centre: ArrayLike, size: ArrayLike, world_from_box: ArrayLike = (0.0, 0.0, 0.0, 1.0)) -> None:
        self._struct = native.gnomon_box()
        self._struct.centre = (ctypes.c_double * 3)(*convert.reals(centre, "centre", 3))
        self._struct.size = (ctypes.c_double * 3)(*convert.reals(size, "size", 3))
        self._struct.world_from_box = (ctypes.c_double * 4)(*convert.reals(world_from_box, "world_from_box", 4))

    @property
    def centre(self) -> NDArray[np.float64]:
        """Geometric centre, metres."""
        return np.array(self._struct.centre)

    @property
    def size(self) -> NDArray[np.float64]:
        """Full side lengths l, w, h, metres."""
        return np.array(self._struct.size)

    @property
    def world_from_box(self) -> NDArray[np.float64]:
        """Unit quaternion x, y, z, w."""
        return np.array(self._struct.world_from_box)

    def gap_m(self, other: Box) -> float:
        """Distance between the closest points, metres; 0 where the boxes touch or overlap."""
        out = ctypes.c_double()
        handle.check(
            lib.gnomon_box_gap(
                ctypes.byref(self._struct), ctypes.byref(convert.expect(other, Box, "other")._struct), ctypes.byref(out)
            )
        )
        return out.value

    def iou(self, other: Box) -> float:
        """Volume shared over the volume filled together, 0 to 1."""
        out = ctypes.c_double()
        handle.check(
            lib.gnomon_box_iou(
                ctypes.byref(self._struct), ctypes.byref(convert.expect(other, Box, "other")._struct), ctypes.byref(out)
            )
        )
        return out.value

    @classmethod
    def _of(cls, struct: native.gnomon_box) -> Box:
        return cls(struct.centre, struct.size, struct.world_from_box)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Box) and bytes(self._struct) == bytes(other._struct)

    def __hash__(self) -> int:
        return hash(bytes(self._struct))

    def __reduce__(self) -> tuple[type[Box], tuple[list[float], list[float], list[float]]]:
        return type(self), (list(self._struct.centre), list(self._struct.size), list(self._struct.world_from_box))

    def __repr__(self) -> str:
        def told(numbers: ctypes.Array[ctypes.c_double]) -> str:
            return ", ".join(f"{number:.3f}" for number in numbers)

        struct = self._struct
        return f"Box(({told(struct.centre)}), ({told(struct.size)}), ({told(struct.world_from_box)}))"
