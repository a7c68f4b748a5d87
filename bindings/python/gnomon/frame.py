"""What a camera saw and what a detector found in it: the input of a `Scene`.

Metres, radians, nanoseconds. Camera: x right, y down, z forward; pixel centres at integer (u, v). Images, masks and
features are read where they lie: no copy is made of them.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Union

from numpy.typing import ArrayLike, NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import Lens, PixelFormat

if TYPE_CHECKING:
    from .pipeline import LiveFrame

__all__ = ["Detection", "Frame", "FrameReport", "Intrinsics"]


@dataclass(frozen=True)
class Intrinsics:
    """A camera and its lens.

    width, height: pixels of its images. fx, fy: focal lengths, pixels. cx, cy: principal point, pixels from the centre
    of the top left pixel. model: what the coefficients k1 to k6, p1, p2 mean; those that it does not have are 0.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0
    k4: float = 0.0
    k5: float = 0.0
    k6: float = 0.0
    model: Lens = Lens.PLUMB_BOB

    @functools.cached_property
    def _native(self) -> native.gnomon_intrinsics:
        struct = native.gnomon_intrinsics()
        convert.put(struct, self, "width", "height", "model", "fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2")
        convert.put(struct, self, "k3", "k4", "k5", "k6")
        return struct

    @functools.cached_property
    def _numbers(self) -> tuple[float, ...]:
        """What `_native` is made of, field by field."""
        return _LENS.unpack(self._native)


_, _LENS = convert.record(native.gnomon_intrinsics, *(field[0] for field in native.gnomon_intrinsics._fields_))


@dataclass(frozen=True, eq=False)
class Frame:
    """What one camera saw at one moment.

    stamp_ns: when, nanoseconds on your clock; rises per camera. depth: (height, width), along the optical axis; uint16
    is counts of `depth_unit_m` (0 and 65535: none), float32 is metres (NaN, infinite, <= 0: none). intrinsics: of the
    colour camera, in whose pixels detections are given. world_from_camera: its pose in the input's world, 4 x 4,
    metres. colour: (height, width, 3) of uint8, or as `PixelFormat` says of the others. camera_id: which camera.
    depth_intrinsics, colour_from_depth: the depth camera and its 4 x 4 pose in the colour camera, where it is another;
    without them depth is registered to colour.
    """

    stamp_ns: int
    depth: NDArray[Any]
    intrinsics: Intrinsics
    world_from_camera: ArrayLike
    colour: Optional[NDArray[Any]] = None
    colour_format: PixelFormat = PixelFormat.RGB8
    camera_id: int = 0
    depth_unit_m: float = 0.001
    depth_intrinsics: Optional[Intrinsics] = None
    colour_from_depth: Optional[ArrayLike] = None

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_frame:
        camera = self.intrinsics
        if not isinstance(camera, Intrinsics):
            convert.expect(camera, Intrinsics, "intrinsics")
        lens = camera._numbers
        pose = convert.pose_numbers(self.world_from_camera, "world_from_camera")
        depth = convert.depth_image(borrowed, self.depth)
        begin, end = _defaults()
        try:
            packed = _SEEN.pack(self.stamp_ns, self.camera_id, self.depth_unit_m, *lens, *pose, *depth)
        except Exception:
            one = native.gnomon_frame()
            convert.put(one, self, "stamp_ns", "camera_id", "depth_unit_m")
            packed = _SEEN.pack(one.stamp_ns, one.camera_id, one.depth_unit_m, *lens, *pose, *depth)
        struct = native.gnomon_frame.from_buffer_copy(begin + packed + end)
        put_the_rest(struct, self, borrowed)
        return struct


def put_the_rest(struct: native.gnomon_frame, seen: Union[Frame, LiveFrame], borrowed: convert.Borrowed) -> None:
    """Colour, and a depth camera of its own, where there are any."""
    if seen.colour is not None:
        struct.colour = convert.colour_image(borrowed, seen.colour, seen.colour_format)
    if (seen.depth_intrinsics is None) != (seen.colour_from_depth is None):
        raise ValueError("depth_intrinsics and colour_from_depth go together: give both, or neither")
    if seen.depth_intrinsics is not None and seen.colour_from_depth is not None:
        struct.depth_intrinsics = convert.expect(seen.depth_intrinsics, Intrinsics, "depth_intrinsics")._native
        struct.colour_from_depth = convert.pose(seen.colour_from_depth, "colour_from_depth")


_SEEN_AT, _SEEN = convert.record(
    native.gnomon_frame, "stamp_ns", "camera_id", "depth_unit_m", "intrinsics", "world_from_camera", "depth"
)


@functools.cache
def _defaults() -> tuple[bytes, bytes]:
    """The library's defaults of what lies before and behind what `_SEEN` packs."""
    defaults = bytes(handle.filled(native.gnomon_frame, lib.gnomon_frame_init))
    return defaults[:_SEEN_AT], defaults[_SEEN_AT + _SEEN.size :]


@dataclass(frozen=True, eq=False, init=False)
class Detection:
    """What a detector says of one thing in a frame.

    label: what it calls it. bbox: x0, y0, x1, y1 in pixels of the colour image, x1 and y1 exclusive. score: how sure it
    is, 0 to 1. mask: (height, width) of bool or uint8, not 0 inside the thing; of the whole image, or a part of it that
    begins at mask_origin (x, y). feature: a row of float32.
    """

    label: str
    bbox: Sequence[float]
    score: float
    mask: Optional[NDArray[Any]] = None
    mask_origin: tuple[int, int] = (0, 0)
    feature: Optional[NDArray[Any]] = None

    def __init__(
        self,
        label: str,
        bbox: Sequence[float],
        score: float,
        mask: Optional[NDArray[Any]] = None,
        mask_origin: tuple[int, int] = (0, 0),
        feature: Optional[NDArray[Any]] = None,
    ) -> None:
        # There are many in a frame: a third of the time that dataclass takes.
        itself = self.__dict__
        itself["label"] = label
        itself["bbox"] = bbox
        itself["score"] = score
        itself["mask"] = mask
        itself["mask_origin"] = mask_origin
        itself["feature"] = feature

    def _packed(self, borrowed: convert.Borrowed) -> bytes:
        """A whole row at once. An exception, where `_fill` has to take a closer look."""
        x0, y0, x1, y1 = convert.reals(self.bbox, "bbox", 4)
        text, text_len = borrowed.known.get(self.label) or borrowed.place(self.label, "label")
        mask = self.mask
        if mask is None:
            x = y = width = height = stride = start = length = 0
        else:
            x, y = self.mask_origin
            width, height, stride, start, length = convert.mask_rows(borrowed, mask, "mask")
        feature = feature_len = 0
        if self.feature is not None:
            feature, feature_len = convert.feature_numbers(borrowed, self.feature, "feature")
        return _ROW.pack(
            text, text_len, x0, y0, x1, y1, self.score,
            x, y, width, height, stride, start, length, feature, feature_len,
        )  # fmt: skip

    def _fill(self, struct: native.gnomon_detection, borrowed: convert.Borrowed, within: str) -> None:
        """Fills a row field by field, and tells what is wrong with one."""
        struct.label = borrowed.text(self.label, within + "label")
        convert.put(struct, self, "bbox", "score", within=within)
        if self.mask is not None:
            width, height, stride, mask, length = convert.mask_rows(borrowed, self.mask, within + "mask")
            struct.mask_width, struct.mask_height, struct.mask_stride = width, height, stride
            struct.mask, struct.mask_len = mask, length
            x, y = self.mask_origin
            struct.mask_x = convert.integer(x, within + "mask_origin[0]", ctypes.c_uint32)
            struct.mask_y = convert.integer(y, within + "mask_origin[1]", ctypes.c_uint32)
        if self.feature is not None:
            feature, length = convert.feature_numbers(borrowed, self.feature, within + "feature")
            struct.feature, struct.feature_len = ctypes.cast(feature, ctypes.POINTER(ctypes.c_float)), length


_, _ROW = convert.record(
    native.gnomon_detection,
    "label",
    "bbox",
    "score",
    "mask_x",
    "mask_y",
    "mask_width",
    "mask_height",
    "mask_stride",
    "mask",
    "mask_len",
    "feature",
    "feature_len",
)


def rows_of(detections: Sequence[Detection], borrowed: convert.Borrowed) -> ctypes.Array[native.gnomon_detection]:
    """Detections as C has them."""
    rows = []
    for at, one in enumerate(borrowed.keep(tuple(detections))):
        if not isinstance(one, Detection):
            convert.expect(one, Detection, f"detections[{at}]")
        try:
            rows.append(one._packed(borrowed))
        except Exception:
            row = native.gnomon_detection()
            one._fill(row, borrowed, f"detections[{at}].")
            rows.append(bytes(row))
    return (native.gnomon_detection * len(rows)).from_buffer_copy(b"".join(rows))


class FrameReport(NamedTuple):
    """What became of one frame.

    frame: its number in the scene, from 0. keyframe: the keyframe it became, or None. up_known: False while `Up.AUTO`
    has not found the floor, and the frame was set aside. depth_pixels: pixels with depth. detections: that came in, or
    were proposed from geometry; of these lifted: had depth enough to become a box; associated: recognised as a thing
    already known; begun: began a new thing, not yet published. born, moved, merged, removed: what happened to things.
    """

    frame: int
    keyframe: Optional[int]
    up_known: bool
    depth_pixels: int
    detections: int
    lifted: int
    associated: int
    begun: int
    born: int
    moved: int
    merged: int
    removed: int

    @classmethod
    def _of(cls, struct: native.gnomon_frame_report) -> FrameReport:
        frame, keyframe, up_known, *others = _REPORT.unpack_from(struct, _REPORT_AT)
        return cls._make((frame, None if keyframe < 0 else keyframe, bool(up_known), *others))


_REPORT_AT, _REPORT = convert.record(native.gnomon_frame_report, *FrameReport._fields)
