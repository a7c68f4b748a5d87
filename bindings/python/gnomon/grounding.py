"""Boxes and points that a model's words name in a picture: in the picture's own pixels, and lifted to the world."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .box import Box
from .codes import Convention, RegionKind
from .frame import Frame
from .told import Rejected, _rejected

__all__ = ["Fit", "Grounded", "Grounding"]


class Fit(NamedTuple):
    """Where a picture lies in what a model saw of it: the whole picture was resized, and its first pixel put at the
    offset of the network's input, negative where it is cropped. Width and height, pixels."""

    from_size: tuple[int, int]
    scaled: tuple[int, int]
    offset: tuple[int, int]
    network: tuple[int, int]

    @classmethod
    def whole(cls, width: int, height: int) -> Fit:
        """That of words in shares, thousandths or percent of a whole picture of this size."""
        return cls((width, height), (width, height), (0, 0), (width, height))

    @classmethod
    def _of(cls, struct: native.gnomon_fit) -> Fit:
        return cls(
            (struct.from_width, struct.from_height),
            (struct.scaled_width, struct.scaled_height),
            (struct.offset_x, struct.offset_y),
            (struct.network_width, struct.network_height),
        )

    def _native(self) -> native.gnomon_fit:
        def pair(value: tuple[int, int], what: str, kind: type[Any]) -> tuple[int, int]:
            x, y = value
            return convert.integer(x, what, kind), convert.integer(y, what, kind)

        return native.gnomon_fit(
            *pair(self.from_size, "from_size", ctypes.c_uint32),
            *pair(self.scaled, "scaled", ctypes.c_uint32),
            *pair(self.offset, "offset", ctypes.c_int32),
            *pair(self.network, "network", ctypes.c_uint32),
        )


class Grounded(NamedTuple):
    """Something that a model says is in a picture. label: empty where the words do not say. region: pixels of the
    picture, counted from its edges: left, top, right, bottom of a box, x and y of a point."""

    label: str
    kind: RegionKind
    region: tuple[float, ...]


class Grounding(handle.Handle):
    """What was read of a model's words about one picture, in the order of the text. Never changes; any thread.

    text: the words. convention: how the model's family writes places. fit: `Job.fit` of a reply, or `Fit.whole`. What
    cannot be meant is left out, and `rejected` tells why. Iterate over it, index it, ask for its length.
    """

    def __init__(self, text: str, convention: Convention, fit: Fit) -> None:
        self._owner = None
        borrowed = convert.Borrowed()
        placed = convert.expect(fit, Fit, "fit")._native()
        self._owner = handle.make(
            native.gnomon_grounding,
            lib.gnomon_grounding_free,
            lib.gnomon_grounding_read,
            borrowed.text(text, "text"),
            convert.integer(convention, "convention", ctypes.c_int32),
            ctypes.byref(placed),
        )

    def __iter__(self) -> Iterator[Grounded]:
        owner = self._use()
        structs = handle.rows(native.gnomon_grounded, lib.gnomon_grounding_list, owner)
        return iter([self._grounded(struct) for struct in structs])

    @staticmethod
    def _grounded(struct: native.gnomon_grounded) -> Grounded:
        kind = RegionKind(struct.kind)
        return Grounded(handle.text(struct.label), kind, tuple(struct.region[: 2 if kind == RegionKind.POINT else 4]))

    def __len__(self) -> int:
        n = ctypes.c_size_t()
        handle.check(lib.gnomon_grounding_list(self._use(), None, 0, ctypes.byref(n)))
        return n.value

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, at: int) -> Grounded:
        return list(self)[at]

    @property
    def rejected(self) -> tuple[list[Rejected], int]:
        """The first 1000 places that were left out, and how many were in all."""
        return _rejected(lib.gnomon_grounding_rejected, self._use())

    def lift(self, index: int, frame: Frame) -> Box:
        """Lifts one of the places through the depth of the same picture to an upright box in the world of the frame's
        pose, which has Z up. Raises `StateError` where there is too little depth."""
        borrowed = convert.Borrowed()
        theirs = convert.expect(frame, Frame, "frame")._native(borrowed)
        at = convert.integer(index, "index", ctypes.c_size_t)
        out = native.gnomon_box()
        handle.check(lib.gnomon_grounding_lift(self._use(), at, ctypes.byref(theirs), ctypes.byref(out)))
        return Box._of(out)
