"""The map of things, for one writer."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import Source, Up
from .frame import Detection, Frame, FrameReport, rows_of
from .snapshot import Snapshot

__all__ = ["Scene", "SceneOptions"]


@cache
def _defaults() -> native.gnomon_scene_options:
    return handle.filled(native.gnomon_scene_options, lib.gnomon_scene_options_init)


def _default(name: str) -> Any:
    return field(default_factory=lambda: getattr(_defaults(), name))


def _default_labels() -> tuple[str, ...]:
    options = _defaults()
    return tuple(handle.text(options.movable_labels[at]) for at in range(options.movable_labels_len))


@dataclass
class SceneOptions:
    """What a scene may be told. The defaults are the library's: `print(SceneOptions())` shows them.

    up: which way is up in the input's world; up_vector: that direction with `Up.VECTOR`, any length but 0. source:
    where things come from. depth_noise_*: the standard deviation of depth is base_m + per_m2 * (z - nearest_m)^2,
    metres. pose_noise_translation_m, pose_noise_rotation_rad: independent error of every pose, per axis. drift_per_m,
    heading_drift_rad_per_m: error that grows with the path; 0 for poses of a map. movable_labels: labels of what moves
    by itself; movable_memory_ns: how long such a thing is believed without being seen. relocate_within_ns,
    relocate_size_ratio: how late, and how unlike in size, a thing may be found again elsewhere. keyframe_distance_m,
    keyframe_angle_rad: a new keyframe after the camera moved or turned this far. drift_memory_m: path after which
    evidence from drifting poses is dropped for newer. confirm_after, confirm_proposed_after: frames that must see a
    thing before it is published, and one found by geometry alone; remove_after: that must see its place empty before it
    is removed.
    """

    up: Up = Up.Z
    source: Source = Source.DETECTIONS
    up_vector: Sequence[float] = (0.0, 0.0, 0.0)
    depth_noise_base_m: float = _default("depth_noise_base_m")
    depth_noise_per_m2: float = _default("depth_noise_per_m2")
    depth_noise_nearest_m: float = _default("depth_noise_nearest_m")
    pose_noise_translation_m: float = _default("pose_noise_translation_m")
    pose_noise_rotation_rad: float = _default("pose_noise_rotation_rad")
    drift_per_m: float = _default("drift_per_m")
    heading_drift_rad_per_m: float = _default("heading_drift_rad_per_m")
    movable_labels: Sequence[str] = field(default_factory=_default_labels)
    movable_memory_ns: int = _default("movable_memory_ns")
    relocate_within_ns: int = _default("relocate_within_ns")
    relocate_size_ratio: float = _default("relocate_size_ratio")
    keyframe_distance_m: float = _default("keyframe_distance_m")
    keyframe_angle_rad: float = _default("keyframe_angle_rad")
    drift_memory_m: float = _default("drift_memory_m")
    confirm_after: int = _default("confirm_after")
    remove_after: int = _default("remove_after")
    confirm_proposed_after: int = _default("confirm_proposed_after")

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_scene_options:
        struct = handle.filled(native.gnomon_scene_options, lib.gnomon_scene_options_init)
        own = ("struct_size", "abi_version", "movable_labels", "movable_labels_len", "reserved")
        convert.put(struct, self, *(name for name, *_ in struct._fields_ if name not in own))
        struct.movable_labels, struct.movable_labels_len = borrowed.texts(self.movable_labels, "movable_labels")
        return struct


class Scene(handle.Handle):
    """The map of things, for one writer: frames go in, `publish` makes what is believed visible, snapshots are read.

    Any thread may call; a second thread that calls `integrate`, `publish` or `update_poses` while one is running gets a
    `BusyError` and changes nothing. The interpreter's lock is not held during a call. A scene is freed by `close()`, at
    the end of `with`, or with its last reference; its snapshots live on.
    """

    def __init__(self, options: Optional[SceneOptions] = None) -> None:
        self._owner = None
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, SceneOptions)._native(borrowed))
        self._owner = handle.make(native.gnomon_scene, lib.gnomon_scene_free, lib.gnomon_scene_new, given)

    def integrate(self, frame: Frame, detections: Sequence[Detection] = ()) -> FrameReport:
        """Takes in one frame and what a detector found in it, at most 4096 things. On failure the scene is as it was.
        What is new is seen by readers after `publish`."""
        borrowed = convert.Borrowed()
        theirs = convert.expect(frame, Frame, "frame")._native(borrowed)
        found = rows_of(detections, borrowed)
        report = handle.filled(native.gnomon_frame_report, lib.gnomon_frame_report_init)
        handle.check(
            lib.gnomon_scene_integrate(
                self._use(),
                ctypes.byref(theirs),
                found,
                ctypes.sizeof(native.gnomon_detection),
                len(found),
                ctypes.byref(report),
            )
        )
        return FrameReport._of(report)

    def publish(self) -> Snapshot:
        """Makes what is believed now visible to readers, and hands it out."""
        return Snapshot._over(
            handle.make(native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_scene_publish, self._use())
        )

    def snapshot(self) -> Snapshot:
        """The newest published snapshot, an empty one before the first. Any thread; never waits for `integrate`."""
        return Snapshot._over(
            handle.make(native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_scene_snapshot, self._use())
        )

    def update_poses(self, poses: Mapping[int, ArrayLike]) -> None:
        """Moves keyframes, and with them what hangs on them, to corrected poses: number of the keyframe to its 4 x 4
        world_from_camera in the input's world. On failure the scene is as it was."""
        table = np.zeros(len(poses), convert.table_dtype(native.gnomon_keyframe_pose))
        for at, (number, pose) in enumerate(poses.items()):
            table[at]["id"] = convert.integer(number, "a keyframe's number", ctypes.c_uint32)
            table[at]["world_from_camera"] = convert.matrix(pose, f"poses[{number}]", (4, 4)).ravel()
        handle.check(
            lib.gnomon_scene_update_poses(
                self._use(),
                ctypes.cast(table.ctypes.data, ctypes.POINTER(native.gnomon_keyframe_pose)),
                table.itemsize,
                len(table),
            )
        )
