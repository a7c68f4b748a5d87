"""A scene behind live cameras: frames are pushed and never waited for, and it is said why when nothing comes out.

Every call may overlap every other. What is too much is dropped, the newest kept, and counted.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import itertools
import json
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Callable, NamedTuple, Optional

from numpy.typing import ArrayLike, NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import Link, LiveParts, PixelFormat
from .frame import Detection, Frame, FrameReport, Intrinsics, put_the_rest, rows_of
from .network import DepthNet, DetectOptions, Detector
from .scene import SceneOptions
from .snapshot import Snapshot

__all__ = ["Explanation", "LiveFrame", "Pipeline", "PipelineOptions", "Published", "StageStatistics"]

ToldFunction = Callable[[int, int, Snapshot], None]

# What the library was lent, by the number that it gives back: buffers of frames, and who is told.
_lent: dict[int, Any] = {}
_numbers = itertools.count(1)
_open: weakref.WeakSet[Pipeline] = weakref.WeakSet()


def _lend(value: Any) -> int:
    number = next(_numbers)
    _lent[number] = value
    return number


def _given_back(number: Optional[int]) -> None:
    _lent.pop(number or 0, None)


_RELEASE = native.gnomon_release_fn(_given_back)


@cache
def _defaults() -> native.gnomon_pipeline_options:
    return handle.filled(native.gnomon_pipeline_options, lib.gnomon_pipeline_options_init)


def _default(name: str) -> Any:
    return field(default_factory=lambda: getattr(_defaults(), name))


@dataclass
class PipelineOptions:
    """What a pipeline may be told. The defaults are the library's.

    queue: frames of one camera that may stand before a stage, complete; 1: the newest alone. waiting: frames that may
    wait for a pose or detections; wait_ns: how long each may, from its push. deadline_ns: a frame older than this, from
    its push, is dropped before its next stage; 0: never. pose_tolerance_ns, detection_tolerance_ns: how far the stamp
    of what is handed in may be from its frame's. poses: how many are kept for frames yet to come. late_detections:
    whether a frame without detections waits for `push_detections`. judged: newest frames that `explain` judges.
    stalled_after_ns: a stage busy with one frame for longer, or cameras silent for longer, are told as stalled.
    """

    queue: int = _default("queue")
    waiting: int = _default("waiting")
    poses: int = _default("poses")
    judged: int = _default("judged")
    late_detections: bool = False
    wait_ns: int = _default("wait_ns")
    deadline_ns: int = _default("deadline_ns")
    pose_tolerance_ns: int = _default("pose_tolerance_ns")
    detection_tolerance_ns: int = _default("detection_tolerance_ns")
    stalled_after_ns: int = _default("stalled_after_ns")

    def _native(self) -> native.gnomon_pipeline_options:
        struct = handle.filled(native.gnomon_pipeline_options, lib.gnomon_pipeline_options_init)
        own = ("struct_size", "abi_version", "late_detections", "reserved")
        convert.put(struct, self, *(name for name, *_ in struct._fields_ if name not in own))
        struct.late_detections = int(bool(self.late_detections))
        return struct


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """What one camera saw at one moment, of which parts may be missing: as `Frame`.

    Without depth the pipeline's depth network makes it from colour. Without world_from_camera the frame waits for
    `Pipeline.push_pose`.
    """

    stamp_ns: int
    intrinsics: Intrinsics
    depth: Optional[NDArray[Any]] = None
    world_from_camera: Optional[ArrayLike] = None
    colour: Optional[NDArray[Any]] = None
    colour_format: PixelFormat = PixelFormat.RGB8
    camera_id: int = 0
    depth_unit_m: float = 0.001
    depth_intrinsics: Optional[Intrinsics] = None
    colour_from_depth: Optional[ArrayLike] = None

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_frame:
        struct = handle.filled(native.gnomon_frame, lib.gnomon_frame_init)
        convert.put(struct, self, "stamp_ns", "camera_id", "depth_unit_m")
        struct.intrinsics = convert.expect(self.intrinsics, Intrinsics, "intrinsics")._native
        if self.world_from_camera is not None:
            struct.world_from_camera = convert.pose(self.world_from_camera, "world_from_camera")
        if self.depth is not None:
            struct.depth = native.gnomon_image(*convert.depth_image(borrowed, self.depth))
        put_the_rest(struct, self, borrowed)
        return struct


class Published(NamedTuple):
    """A frame that was published, and the scene after it.

    stamp_ns, camera_id: the frame's. latency_ns: from its push until the snapshot was there. report: what became of it.
    """

    stamp_ns: int
    camera_id: int
    latency_ns: int
    report: FrameReport
    snapshot: Snapshot


class Explanation(NamedTuple):
    """Why nothing comes out, or that all is well. broken: the first broken link, or `Link.NONE`. text: the chain with
    its counts, the broken link with what to do, what else is lost."""

    broken: Link
    text: str

    def __str__(self) -> str:
        return self.text


class StageStatistics(NamedTuple):
    """What a stage did: frames it was done with, how many of them it failed, at how many by a defect; the middle time
    of its newest runs and the one that 99 of 100 did not exceed, seconds; how long it has been busy with one frame."""

    runs: int
    errors: int
    panics: int
    p50_s: float
    p99_s: float
    busy_s: float


class _Hearer:
    """Who is told, and what it raised."""

    def __init__(self, told: ToldFunction) -> None:
        self.told = told
        self.raised: Optional[BaseException] = None
        self.callback = native.gnomon_published_fn(self.hear)

    def hear(self, _: Optional[int], stamp_ns: int, camera_id: int, snapshot: native.gnomon_snapshot) -> None:
        try:
            made = (native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_snapshot_clone, snapshot)
            self.told(stamp_ns, camera_id, Snapshot._over(handle.make(*made)))
        except BaseException as exception:
            if self.raised is None:
                self.raised = exception


class Pipeline(handle.Handle):
    """A scene behind live cameras, with threads of its own.

    depth, detector: networks that give frames what they lack, each on a thread of its own; they may be closed while the
    pipeline goes on. on_published(stamp_ns, camera_id, snapshot): told of each scene that is published, on a thread of
    the pipeline, never twice at a time; it may call anything, `close()` too, and what it raises is raised by `close()`.
    A pipeline is closed by `close()`, at the end of `with`, and when the interpreter ends.
    """

    def __init__(
        self,
        scene: Optional[SceneOptions] = None,
        options: Optional[PipelineOptions] = None,
        *,
        depth: Optional[DepthNet] = None,
        detector: Optional[Detector] = None,
        wanted: Optional[DetectOptions] = None,
        on_published: Optional[ToldFunction] = None,
    ) -> None:
        self._owner = None
        self._hearer = None if on_published is None else _Hearer(on_published)
        borrowed = convert.Borrowed()
        scene_options = convert.chosen(scene, SceneOptions, "scene")._native(borrowed)
        live_options = convert.chosen(options, PipelineOptions)._native()
        given: list[Any] = [ctypes.byref(scene_options), ctypes.byref(live_options)]
        function = lib.gnomon_pipeline_open
        if depth is not None or detector is not None:
            function = lib.gnomon_pipeline_open_with
            given.append(None if depth is None else convert.expect(depth, DepthNet, "depth")._use())
            given.append(None if detector is None else convert.expect(detector, Detector, "detector")._use())
            given.append(ctypes.byref(convert.chosen(wanted, DetectOptions, "wanted")._native()))
        if self._hearer is None:
            told: tuple[Any, ...] = (native.gnomon_published_fn(), None, native.gnomon_release_fn())
        else:
            told = (self._hearer.callback, _lend(self._hearer), _RELEASE)
        try:
            self._owner = handle.make(native.gnomon_pipeline, lib.gnomon_pipeline_free, function, *given, *told)
        except BaseException:
            _given_back(told[1])
            raise
        _open.add(self)

    def push(self, frame: LiveFrame | Frame, detections: Optional[Sequence[Detection]] = None) -> None:
        """Takes a frame and what a detector found in it; None: none looked yet. Its arrays are not copied: they are
        held until the frame has ended, and must not change until then. Never waits."""
        borrowed = convert.Borrowed()
        struct, has, rows = _parts(frame, detections, borrowed)
        number = _lend((borrowed, struct, rows))
        size = ctypes.sizeof(native.gnomon_detection)
        handle.check(
            lib.gnomon_pipeline_push(
                self._use_or_give_back(number), ctypes.byref(struct), has, rows, size, len(rows), _RELEASE, number
            )
        )

    def _use_or_give_back(self, number: int) -> handle.Owner:
        try:
            return self._use()
        except BaseException:
            _given_back(number)
            raise

    def push_copy(self, frame: LiveFrame | Frame, detections: Optional[Sequence[Detection]] = None) -> None:
        """As `push`, for arrays that are yours again when it returns: they are copied into buffers of the pipeline."""
        borrowed = convert.Borrowed()
        struct, has, rows = _parts(frame, detections, borrowed)
        size = ctypes.sizeof(native.gnomon_detection)
        handle.check(lib.gnomon_pipeline_push_copy(self._use(), ctypes.byref(struct), has, rows, size, len(rows)))

    def push_pose(self, stamp_ns: int, world_from_camera: ArrayLike, camera_id: int = 0) -> None:
        """Hands in where a camera stood at a stamp, 4 x 4: for a frame that waits or is yet to come. Never waits."""
        number = convert.integer(camera_id, "camera_id", ctypes.c_uint32)
        stamp = convert.integer(stamp_ns, "stamp_ns", ctypes.c_int64)
        pose = convert.pose(world_from_camera, "world_from_camera")
        handle.check(lib.gnomon_pipeline_push_pose(self._use(), number, stamp, pose))

    def push_detections(self, stamp_ns: int, detections: Sequence[Detection], camera_id: int = 0) -> None:
        """Hands in what was found in a frame that waits or is yet to come; of use with late_detections alone."""
        number = convert.integer(camera_id, "camera_id", ctypes.c_uint32)
        stamp = convert.integer(stamp_ns, "stamp_ns", ctypes.c_int64)
        borrowed = convert.Borrowed()
        rows = rows_of(detections, borrowed)
        size = ctypes.sizeof(native.gnomon_detection)
        handle.check(lib.gnomon_pipeline_push_detections(self._use(), number, stamp, rows, size, len(rows)))

    def poll(self) -> Optional[Published]:
        """The newest that was published since the last poll; None if nothing was. Never waits."""
        published = handle.filled(native.gnomon_published, lib.gnomon_published_init)
        report = handle.filled(native.gnomon_frame_report, lib.gnomon_frame_report_init)
        out = native.gnomon_snapshot()
        arguments = (ctypes.byref(published), ctypes.byref(report), ctypes.byref(out))
        status = lib.gnomon_pipeline_poll(self._use(), *arguments)
        owner = handle.Owner(out, lib.gnomon_snapshot_free) if out else None
        handle.check(status)
        if owner is None:
            return None
        told = FrameReport._of(report)
        where = Snapshot._over(owner)
        return Published(published.stamp_ns, published.camera_id, published.latency_ns, told, where)

    def snapshot(self) -> Snapshot:
        """The newest published scene, an empty one before the first."""
        made = (native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_pipeline_snapshot, self._use())
        return Snapshot._over(handle.make(*made))

    def settle(self, timeout_ns: int = 10_000_000_000) -> bool:
        """Waits until no frame is under way, at most so long; False if some still are."""
        timeout = convert.integer(timeout_ns, "timeout_ns", ctypes.c_int64)
        status = lib.gnomon_pipeline_settle(self._use(), timeout)
        handle.check(status)
        return bool(status == native.GNOMON_OK)

    def explain(self) -> Explanation:
        """Why nothing comes out, or that all is well."""
        link = ctypes.c_int32()
        made = (native.gnomon_text, lib.gnomon_text_free, lib.gnomon_pipeline_explain, self._use(), ctypes.byref(link))
        text = handle.text_of(lib.gnomon_text_view, handle.make(*made))
        return Explanation(Link(link.value), text)

    def explain_dict(self) -> dict[str, Any]:
        """The same in parts: `links`, `broken` (or None), `remarks`."""
        made = (native.gnomon_text, lib.gnomon_text_free, lib.gnomon_pipeline_explain_json, self._use())
        parts: dict[str, Any] = json.loads(handle.text_of(lib.gnomon_text_view, handle.make(*made)))
        return parts

    @property
    def statistics(self) -> dict[str, int]:
        """Counts since it was opened: `pushed` is `published`, `under_way` and all `dropped_*` together."""
        struct = handle.filled(native.gnomon_pipeline_statistics, lib.gnomon_pipeline_statistics_init)
        handle.check(lib.gnomon_pipeline_count(self._use(), ctypes.byref(struct)))
        own = ("struct_size", "abi_version")
        return {name: getattr(struct, name) for name, *_ in struct._fields_ if name not in own}

    @property
    def stages(self) -> dict[str, StageStatistics]:
        """What the stages did: depth, detect, scene, tell, and whole, from the push until published."""
        rows = handle.rows(native.gnomon_stage, lib.gnomon_pipeline_stages, self._use())
        return {
            handle.text(row.name): StageStatistics(row.runs, row.errors, row.panics, row.p50_s, row.p99_s, row.busy_s)
            for row in rows
        }

    def close(self) -> None:
        """Ends it: frames on their way are dropped and their arrays let go; returns when nobody is told any more.
        Raises what `on_published` raised. Twice is fine."""
        owner, self._owner = self._owner, None
        _open.discard(self)
        if owner is None or not owner.is_ours:
            return
        handle.check(lib.gnomon_pipeline_close(owner))
        hearer = self._hearer
        if hearer is not None and hearer.raised is not None:
            raised, hearer.raised = hearer.raised, None
            raise raised


def _parts(
    frame: LiveFrame | Frame, detections: Optional[Sequence[Detection]], borrowed: convert.Borrowed
) -> tuple[native.gnomon_frame, int, Any]:
    """A frame and detections as C has them, and which parts they are."""
    if not isinstance(frame, Frame):
        convert.expect(frame, LiveFrame, "frame")
    has = 0 if frame.world_from_camera is None else int(LiveParts.POSE)
    if detections is not None:
        has |= int(LiveParts.DETECTIONS)
    return frame._native(borrowed), has, rows_of(detections or (), borrowed)


def _close_all() -> None:
    # Python must not be called once it is being taken down.
    for pipeline in list(_open):
        # Nobody is left to be told.
        with contextlib.suppress(BaseException):
            pipeline.close()


atexit.register(_close_all)
