"""The map of things, for one writer."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Optional, Union

import numpy as np
from numpy.typing import ArrayLike

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import Source, Tail, Up
from .edit import Edit
from .frame import Detection, Frame, FrameReport, rows_of
from .snapshot import Snapshot

__all__ = ["RecordingInfo", "Replayed", "Scene", "SceneOptions"]


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


class RecordingInfo(NamedTuple):
    """How a recording stands: bytes and records written; is_open while what is done goes into it; why it ended before
    it was asked to, None where it did not."""

    bytes: int
    records: int
    is_open: bool
    ended: Optional[str]


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
        """The newest published snapshot, an empty one before the first. Any thread, any number at a time: this is how
        readers follow a writer. Never waits for `integrate`."""
        return Snapshot._over(
            handle.make(native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_scene_snapshot, self._use())
        )

    @property
    def stage_times(self) -> dict[str, float]:
        """How long each stage took with the newest frame, and with the newest publication, seconds: register, perceive,
        lift, associate, fuse, doubt, publish. A diagnosis. A BusyError while a frame is taken in."""
        rows = handle.rows(native.gnomon_stage_time, lib.gnomon_scene_stage_times, self._use())
        return {handle.text(row.name): row.time_s for row in rows}

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

    def edit(self, edit: Edit) -> None:
        """Takes in what an operator says of one thing, to be shown with the next `publish`. It holds against what
        frames say later, and is remembered with who said it and when. On failure the scene is as it was."""
        borrowed = convert.Borrowed()
        given = convert.expect(edit, Edit, "edit")._native(borrowed)
        handle.check(lib.gnomon_scene_edit(self._use(), ctypes.byref(given), ctypes.sizeof(given)))

    def set_inputs(self, inputs: Sequence[str]) -> None:
        """Names what goes in, at most 64 words, for whoever reads the scene later: sequences, cameras, detectors.
        Before `record`."""
        borrowed = convert.Borrowed()
        named, n = borrowed.texts(inputs, "inputs")
        handle.check(lib.gnomon_scene_set_inputs(self._use(), named, n))

    # ---- recordings

    def record(self, path: Union[str, os.PathLike[str]], most_bytes: int = 8 << 30) -> None:
        """Records from here on what the scene is given and decides, into a new file of at most so many bytes. Before
        the first frame, once. Whatever becomes of the file later, the scene goes on: see `recording`. No colours are
        kept."""
        borrowed = convert.Borrowed()
        text = borrowed.text(convert.path(path), "path")
        most = convert.integer(most_bytes, "most_bytes", ctypes.c_uint64)
        handle.check(lib.gnomon_scene_record(self._use(), text, most))

    @property
    def recording(self) -> RecordingInfo:
        """How the recording stands. A BusyError while a frame is taken in."""
        facts = handle.filled(native.gnomon_recording_facts, lib.gnomon_recording_facts_init)
        why = handle.make(
            native.gnomon_text, lib.gnomon_text_free, lib.gnomon_scene_recording, self._use(), ctypes.byref(facts)
        )
        ended = handle.text_of(lib.gnomon_text_view, why) if facts.has_failed else None
        return RecordingInfo(facts.bytes, facts.records, bool(facts.is_open), ended)

    def end_recording(self) -> None:
        """Ends the recording; the scene goes on. Without this a recording lacks its end, and is replayed all the
        same."""
        handle.check(lib.gnomon_scene_record_end(self._use()))

    @staticmethod
    def replay(path: Union[str, os.PathLike[str]]) -> Replayed:
        """Makes the scene of a recording again, byte for byte with the version that recorded; frames may go on from
        there. What is cut or broken at its end is left out, and told."""
        facts = handle.filled(native.gnomon_replay_facts, lib.gnomon_replay_facts_init)
        words = native.gnomon_text()
        borrowed = convert.Borrowed()
        text = borrowed.text(convert.path(path), "path")
        owner = handle.make(
            native.gnomon_scene,
            lib.gnomon_scene_free,
            lib.gnomon_replay,
            text,
            ctypes.byref(facts),
            ctypes.byref(words),
        )
        told = handle.Owner(words, lib.gnomon_text_free)
        tail = Tail(facts.tail)
        return Replayed(
            Scene._over(owner),
            facts.frames,
            tail,
            facts.whole_bytes if tail == Tail.CUT else None,
            bool(facts.differs),
            handle.text_of(lib.gnomon_text_view, told),
        )


class Replayed(NamedTuple):
    """A scene made of a recording, and what came of it: frames replayed; how the recording ended, and with `Tail.CUT`
    how many bytes were whole; whether something was decided otherwise than when it was recorded; the same in words."""

    scene: Scene
    frames: int
    tail: Tail
    whole_bytes: Optional[int]
    differs: bool
    words: str
