"""The scene at one moment, and what can be asked of it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Union

import numpy as np
from numpy.typing import NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from . import errors
from ._library import lib
from .answer import Answer, AskOptions, Judgements, Question
from .box import Box
from .codes import EventKind, ObjectState, RelationKind, SameBy, SupportKind, Up
from .cogmap import CogMap, CogMapOptions
from .edit import Edit, EditRecord, Provenance
from .relation import Relation, RelationOptions

if TYPE_CHECKING:
    from .chain import Chain

__all__ = ["DiffOptions", "Event", "Keyframe", "Label", "Object", "SceneDiff", "SceneInfo", "Snapshot", "Support"]


@dataclass(frozen=True, eq=False)
class Object:
    """One physical thing, as believed at the snapshot's moment, in gnomon's world (metres, Z up).

    id: never used again for another. label: the most probable. name: "label#k", the k-th thing that was given this
    label. box: where it is and how large. yaw_rad: counter-clockwise about +Z from world +X to the box's x.
    centre_cov_m2: covariance of the centre, 3 x 3, m^2. size_sigma_m: standard deviation of l, w, h, metres;
    yaw_sigma_rad: of the yaw. existence: probability that it is there, 0 to 1. state: confirmed or doubted. truncated:
    part of it has always been cut off by the image border, so that it may be larger. first_seen_ns, last_seen_ns:
    stamps of frames. observations: how many frames saw it. labels: how many labels have evidence (`Snapshot.labels`).
    last_seen_path_m: path the camera had walked when it was last seen. feature: the detector's feature of its best
    view, a read-only array over the snapshot's memory that keeps that memory alive, or None.
    """

    id: int
    label: str
    name: str
    box: Box
    yaw_rad: float
    centre_cov_m2: NDArray[np.float64]
    size_sigma_m: NDArray[np.float64]
    yaw_sigma_rad: float
    existence: float
    state: ObjectState
    truncated: bool
    first_seen_ns: int
    last_seen_ns: int
    observations: int
    labels: int
    last_seen_path_m: float
    feature: Optional[NDArray[np.float32]]

    @property
    def centre(self) -> NDArray[np.float64]:
        """The box's centre, metres."""
        return self.box.centre

    @classmethod
    def _of(cls, struct: native.gnomon_object, owner: handle.Owner) -> Object:
        xx, xy, xz, yy, yz, zz = struct.centre_cov_m2
        has_feature = struct.feature_len > 0
        return cls(
            id=struct.id,
            label=handle.text(struct.label),
            name=handle.text(struct.name),
            box=Box._of(struct.obb),
            yaw_rad=struct.yaw_rad,
            centre_cov_m2=np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]),
            size_sigma_m=np.array(struct.size_sigma_m),
            yaw_sigma_rad=struct.yaw_sigma_rad,
            existence=struct.existence,
            state=ObjectState(struct.state),
            truncated=bool(struct.truncated),
            first_seen_ns=struct.first_seen_ns,
            last_seen_ns=struct.last_seen_ns,
            observations=struct.observations,
            labels=struct.labels,
            last_seen_path_m=struct.last_seen_path_m,
            feature=handle.window(owner, struct.feature, (struct.feature_len,), np.float32) if has_feature else None,
        )


class Label(NamedTuple):
    """One label, and the share of the evidence that speaks for it; the shares of a thing add up to 1."""

    label: str
    probability: float


@dataclass(frozen=True, eq=False)
class Support:
    """A floor, wall or table top: the plane normal . p = offset_m, in gnomon's world.

    id: for `Snapshot.polygon`. normal: unit, towards the side it was seen from. offset_m: distance from the world's
    origin along the normal; sigma_m: its standard deviation. area_m2: area seen. corners: of its outline.
    """

    id: int
    kind: SupportKind
    normal: NDArray[np.float64]
    offset_m: float
    sigma_m: float
    area_m2: float
    corners: int


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A kept frame: its number, which camera took it and when, the path walked until it, and its pose in gnomon's world
    (4 x 4)."""

    id: int
    camera_id: int
    stamp_ns: int
    path_m: float
    world_from_camera: NDArray[np.float64]


@dataclass(frozen=True)
class Event:
    """Something that happened to one thing. What its kind does not have is None.

    sequence: rises by one from event to event. stamp_ns: of the frame in which it happened. object: id of the thing.
    into: MERGED, id of the thing that lives on. origin, destination: MOVED and REMOVED, where it was; MOVED, where it
    is; metres. REMOVED: frames_seen_empty, how many frames saw its place empty; points_in_view, points of it that the
    last of these looked at; points_empty, how many of those had nothing there; last_seen_ns, the last frame that had
    seen it.
    """

    sequence: int
    stamp_ns: int
    kind: EventKind
    object: int
    into: Optional[int]
    origin: Optional[tuple[float, float, float]]
    destination: Optional[tuple[float, float, float]]
    frames_seen_empty: Optional[int]
    points_in_view: Optional[int]
    points_empty: Optional[int]
    last_seen_ns: Optional[int]

    @classmethod
    def _of(cls, struct: native.gnomon_event) -> Event:
        def point(at: native.gnomon_point) -> tuple[float, float, float]:
            return (at.x, at.y, at.z)

        kind = EventKind(struct.kind)
        removed = kind == EventKind.REMOVED
        return cls(
            sequence=struct.sequence,
            stamp_ns=struct.stamp_ns,
            kind=kind,
            object=struct.object,
            into=struct.into if kind == EventKind.MERGED else None,
            origin=point(struct.from_) if removed or kind == EventKind.MOVED else None,
            destination=point(struct.to) if kind == EventKind.MOVED else None,
            frames_seen_empty=struct.frames_seen_empty if removed else None,
            points_in_view=struct.points_in_view if removed else None,
            points_empty=struct.points_empty if removed else None,
            last_seen_ns=struct.last_seen_ns if removed else None,
        )


@dataclass(frozen=True, eq=False)
class SceneInfo:
    """A snapshot in numbers.

    stamp_ns: of the newest frame, None before the first. frames: taken in so far. objects, supports, keyframes: how
    many. events: how many are remembered, at most 1024; next_event: sequence number that the next will have. up: the
    axis asked for; up_vector: with `Up.VECTOR`. floor_height_m: of the largest floor, None without one.
    world_from_input: the input's world to gnomon's (Z up), 4 x 4. world_from_camera: of the newest frame, in gnomon's
    world, 4 x 4. path_m: length of the path walked.
    """

    stamp_ns: Optional[int]
    frames: int
    objects: int
    supports: int
    keyframes: int
    events: int
    next_event: int
    up: Up
    up_vector: NDArray[np.float64]
    floor_height_m: Optional[float]
    world_from_input: NDArray[np.float64]
    world_from_camera: NDArray[np.float64]
    path_m: float


@cache
def _diff_defaults() -> native.gnomon_diff_options:
    return handle.filled(native.gnomon_diff_options, lib.gnomon_diff_options_init)


@dataclass
class DiffOptions:
    """What counts as a change. The defaults are the library's.

    same_by: how things are found again. least_move_m: a centre this near is at its place; least_resize_m: a side that
    differs by no more has its length. sigmas: what is within so many standard deviations of both is no change.
    """

    same_by: SameBy = SameBy.TOLD
    least_move_m: float = field(default_factory=lambda: _diff_defaults().least_move_m)
    least_resize_m: float = field(default_factory=lambda: _diff_defaults().least_resize_m)
    sigmas: float = field(default_factory=lambda: _diff_defaults().sigmas)

    def _native(self) -> native.gnomon_diff_options:
        struct = handle.filled(native.gnomon_diff_options, lib.gnomon_diff_options_init)
        convert.put(struct, self, "same_by", "least_move_m", "least_resize_m", "sigmas")
        return struct


class SceneDiff(NamedTuple):
    """What differs between two snapshots.

    came, went: how many things are in the second or in the first alone. changed: in both, and moved, called otherwise
    or of another size; of these moved: how many moved. same: as they were. by_id: found again by id, not by place.
    words: a line for each change. json: the same as JSON, thing by thing.
    """

    came: int
    went: int
    changed: int
    moved: int
    same: int
    by_id: bool
    words: str
    json: str


class Snapshot(handle.Handle):
    """The scene at one moment: never changes, needs no lock, outlives its scene. Share it among threads freely.

    Iterate over it for its things, by ascending id; `len(snapshot)` is their number, `"cup#1" in snapshot` asks for a
    name or an id. Made by `Scene.publish`, `Scene.snapshot` and `Snapshot.load`.
    """

    def __init__(self) -> None:
        raise TypeError("a Snapshot is made by Scene.publish(), Scene.snapshot() or Snapshot.load()")

    def clone(self) -> Snapshot:
        """Another handle to the same moment, to be closed on its own. Shares, copies nothing."""
        return Snapshot._over(
            handle.make(native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_snapshot_clone, self._use())
        )

    # ---- files

    @staticmethod
    def load(path: Union[str, os.PathLike[str]]) -> Snapshot:
        """Reads a saved scene, packed or not. It is what readers saw: everything may be asked of it, and frames cannot
        go on from it (`Scene.replay` makes a scene that can). IoError for a file that is missing, cut, altered or no
        scene; UnsupportedError for one of a newer version."""
        borrowed = convert.Borrowed()
        text = borrowed.text(convert.path(path), "path")
        return Snapshot._over(
            handle.make(native.gnomon_snapshot, lib.gnomon_snapshot_free, lib.gnomon_snapshot_load, text)
        )

    def save(self, path: Union[str, os.PathLike[str]], told: Optional[Chain] = None) -> int:
        """Saves it as scene.json, packed where the path ends with .zst; returns the bytes of the file. With `told`,
        what the readers of that chain were told is saved too, for `Chain.load`. The file is there whole and synced, or
        what was there stays."""
        from .chain import Chain

        size = ctypes.c_uint64()
        chain = None if told is None else convert.expect(told, Chain, "told")._use()
        borrowed = convert.Borrowed()
        text = borrowed.text(convert.path(path), "path")
        handle.check(lib.gnomon_snapshot_save(self._use(), chain, text, ctypes.byref(size)))
        return size.value

    # ---- what changed, and who said so

    def edit(self, edit: Edit) -> Snapshot:
        """Another snapshot, with what an operator says: for a scene that was saved. Of two things made one the box is
        that of the one seen last; `EditKind.UNPIN` is an UnsupportedError."""
        borrowed = convert.Borrowed()
        given = convert.expect(edit, Edit, "edit")._native(borrowed)
        return Snapshot._over(
            handle.make(
                native.gnomon_snapshot,
                lib.gnomon_snapshot_free,
                lib.gnomon_snapshot_edit,
                self._use(),
                ctypes.byref(given),
                ctypes.sizeof(given),
            )
        )

    def edits(self, since: int = 0) -> list[EditRecord]:
        """Edits with sequence number `since` and later, oldest first; at most 1024 are remembered."""
        owner = self._use()
        number = convert.integer(since, "since", ctypes.c_uint64)
        structs = handle.rows(native.gnomon_edit, lib.gnomon_snapshot_edits, owner, number)
        return [EditRecord._of(struct) for struct in structs]

    @property
    def provenance(self) -> Provenance:
        """Where the scene comes from, and what fell out of its rings."""
        owner = self._use()
        out = handle.filled(native.gnomon_provenance, lib.gnomon_provenance_init)
        handle.check(lib.gnomon_snapshot_provenance(owner, ctypes.byref(out)))
        inputs = []
        for number in range(out.inputs):
            view = native.gnomon_str()
            handle.check(lib.gnomon_snapshot_input(owner, number, ctypes.byref(view)))
            inputs.append(handle.text(view))
        return Provenance(
            handle.text(out.version),
            tuple(inputs),
            convert.stamp(out.first_stamp_ns),
            out.edits,
            out.edits_forgotten,
            out.events_forgotten,
            out.keyframes_forgotten,
        )

    def diff(self, after: Snapshot, options: Optional[DiffOptions] = None) -> SceneDiff:
        """What differs between this snapshot and a later one of the same world."""
        given = convert.chosen(options, DiffOptions)._native()
        facts = handle.filled(native.gnomon_diff_facts, lib.gnomon_diff_facts_init)
        later = convert.expect(after, Snapshot, "after")._use()
        words = native.gnomon_text()

        def compare(json: object) -> int:
            return lib.gnomon_snapshot_diff(
                self._use(), later, ctypes.byref(given), ctypes.byref(facts), ctypes.byref(words), json
            )

        json = handle.make(native.gnomon_text, lib.gnomon_text_free, compare)
        told = handle.Owner(words, lib.gnomon_text_free)
        return SceneDiff(
            facts.came,
            facts.went,
            facts.changed,
            facts.moved,
            facts.same,
            bool(facts.by_id),
            handle.text_of(lib.gnomon_text_view, told),
            handle.text_of(lib.gnomon_text_view, json),
        )

    # ---- what is there

    @property
    def info(self) -> SceneInfo:
        """The snapshot in numbers."""
        out = handle.filled(native.gnomon_scene_info, lib.gnomon_scene_info_init)
        handle.check(lib.gnomon_snapshot_info(self._use(), ctypes.byref(out)))
        return SceneInfo(
            stamp_ns=convert.stamp(out.stamp_ns),
            frames=out.frames,
            objects=out.objects,
            supports=out.supports,
            keyframes=out.keyframes,
            events=out.events,
            next_event=out.next_event,
            up=Up(out.up),
            up_vector=np.array(out.up_vector),
            floor_height_m=out.floor_height_m if out.has_floor else None,
            world_from_input=convert.pose_of(out.world_from_input),
            world_from_camera=convert.pose_of(out.world_from_camera),
            path_m=out.path_m,
        )

    def objects(self) -> list[Object]:
        """Every thing, by ascending id."""
        return list(self)

    def __iter__(self) -> Iterator[Object]:
        owner = self._use()
        structs = handle.rows(native.gnomon_object, lib.gnomon_snapshot_objects, owner)
        return (Object._of(struct, owner) for struct in structs)

    def __len__(self) -> int:
        n = ctypes.c_size_t()
        handle.check(lib.gnomon_snapshot_objects(self._use(), None, 0, ctypes.byref(n)))
        return n.value

    def __bool__(self) -> bool:
        return True

    def __contains__(self, thing: Union[int, str]) -> bool:
        owner = self._use()
        try:
            self._find(thing, owner)
        except errors.StateError:
            return False
        return True

    def object(self, thing: Union[int, str]) -> Object:
        """The thing with this id, or with this name ("chair#2"). StateError when the snapshot has none."""
        owner = self._use()
        return Object._of(self._find(thing, owner), owner)

    def _find(self, thing: Union[int, str], owner: handle.Owner) -> native.gnomon_object:
        out = native.gnomon_object()
        size = ctypes.sizeof(out)
        if isinstance(thing, str):
            name = convert.Borrowed()
            status = lib.gnomon_snapshot_object_named(owner, name.text(thing, "name"), ctypes.byref(out), size)
        else:
            number = convert.integer(thing, "id", ctypes.c_uint64)
            status = lib.gnomon_snapshot_object(owner, number, ctypes.byref(out), size)
        handle.check(status)
        return out

    def _id(self, thing: Union[int, str, Object]) -> int:
        """The id of a thing given by id, by name, or as itself."""
        if isinstance(thing, Object):
            return thing.id
        if isinstance(thing, str):
            return self._find(thing, self._use()).id
        return convert.integer(thing, "id", ctypes.c_uint64)

    def table(self) -> NDArray[Any]:
        """The numbers of every thing as a structured array that the library fills: fields `id`, `obb` (`centre`,
        `size`, `world_from_box`), `yaw_rad`, `centre_cov_m2` (xx, xy, xz, yy, yz, zz), `size_sigma_m`, `existence`,
        `state`, `last_seen_ns` and so on, by ascending id. For many things at once:
        `snapshot.table()["obb"]["centre"]`."""
        return handle.table(native.gnomon_object, lib.gnomon_snapshot_objects, self._use())

    def labels(self, thing: Union[int, str, Object]) -> list[Label]:
        """Every label of one thing, most probable first."""
        structs = handle.rows(native.gnomon_label, lib.gnomon_snapshot_labels, self._use(), self._id(thing))
        return [Label(handle.text(struct.label), struct.probability) for struct in structs]

    def supports(self) -> list[Support]:
        """Floors, walls and table tops, by ascending id."""
        structs = handle.rows(native.gnomon_support, lib.gnomon_snapshot_supports, self._use())
        return [
            Support(s.id, SupportKind(s.kind), np.array(s.normal), s.offset_m, s.sigma_m, s.area_m2, s.corners)
            for s in structs
        ]

    def polygon(self, support: Union[int, Support]) -> NDArray[np.float64]:
        """Outline of one support, (corners, 3), metres, counter-clockwise seen from its normal's side."""
        number = support.id if isinstance(support, Support) else convert.integer(support, "id", ctypes.c_uint32)
        points = handle.table(native.gnomon_point, lib.gnomon_snapshot_polygon, self._use(), number)
        return points.view(np.float64).reshape(-1, 3)

    def keyframes(self) -> list[Keyframe]:
        """Kept frames, oldest first."""
        structs = handle.rows(native.gnomon_keyframe, lib.gnomon_snapshot_keyframes, self._use())
        return [
            Keyframe(s.id, s.camera_id, s.stamp_ns, s.path_m, convert.pose_of(s.world_from_camera)) for s in structs
        ]

    def events(self, since: int = 0) -> list[Event]:
        """Events with sequence number `since` and later, oldest first; `info.next_event` tells where to go on."""
        number = convert.integer(since, "since", ctypes.c_uint64)
        structs = handle.rows(native.gnomon_event, lib.gnomon_snapshot_events, self._use(), number)
        return [Event._of(struct) for struct in structs]

    @property
    def json(self) -> str:
        """The whole snapshot as the text of a scene.json."""
        return handle.text_of(lib.gnomon_snapshot_json, self._use())

    # ---- what is made of it

    def cogmap(self, options: Optional[CogMapOptions] = None) -> CogMap:
        """The map of 10 x 10 cells round an observer; without options: round the newest camera, cells of 0.5 m."""
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, CogMapOptions)._native(borrowed, self._id))
        return CogMap._over(
            handle.make(native.gnomon_cogmap, lib.gnomon_cogmap_free, lib.gnomon_cogmap_observer, self._use(), given)
        )

    def relation(
        self,
        kind: RelationKind,
        a: Union[int, str, Object],
        b: Union[int, str, Object],
        c: Union[int, str, Object, None] = None,
        options: Optional[RelationOptions] = None,
    ) -> Relation:
        """Whether things stand in a relation, and by how much: `relation(RelationKind.ON, "cup#1", "table#1")`. c is
        for `RelationKind.BETWEEN` alone."""
        if kind == RelationKind.BETWEEN and c is None:
            raise TypeError("RelationKind.BETWEEN is about three things: c is missing")
        given = convert.chosen(options, RelationOptions)._native(self._id)
        out = native.gnomon_relation()
        handle.check(
            lib.gnomon_relation_of(
                self._use(),
                convert.integer(kind, "kind", ctypes.c_int32),
                self._id(a),
                self._id(b),
                0 if c is None else self._id(c),
                ctypes.byref(given),
                ctypes.byref(out),
                ctypes.sizeof(out),
            )
        )
        return Relation._of(out)

    def ask(
        self,
        question: Union[str, Question],
        choices: Sequence[str] = (),
        options: Optional[AskOptions] = None,
    ) -> Answer:
        """Answers a question in words, with or without choices, or a `Question` in types (its choices are
        `Question.options`). What cannot be answered is an answer too: `answer.known` is False and `answer.why`
        tells."""
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, AskOptions)._native(borrowed))
        if isinstance(question, Question):
            if choices:
                raise ValueError("choices go with a question in words; a Question has options")
            arguments = (self._use(), ctypes.byref(question._native(borrowed)), given)
            return Answer._over(
                handle.make(native.gnomon_answer, lib.gnomon_answer_free, lib.gnomon_ask_typed, *arguments)
            )
        offered, n = borrowed.texts(choices, "choices")
        words = borrowed.text(question, "question")
        return Answer._over(
            handle.make(
                native.gnomon_answer, lib.gnomon_answer_free, lib.gnomon_ask, self._use(), words, offered, n, given
            )
        )

    def check(self, statement: str, options: Optional[AskOptions] = None) -> Judgements:
        """Holds what others say, such as a language model, against what is known: one judgement for each claim of the
        text, and one for each clause that claims nothing, in order."""
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, AskOptions)._native(borrowed))
        words = borrowed.text(statement, "statement")
        return Judgements._over(
            handle.make(
                native.gnomon_judgements, lib.gnomon_judgements_free, lib.gnomon_check, self._use(), words, given
            )
        )

    def text(
        self,
        budget: int,
        question: str = "",
        count: Optional[Callable[[str], int]] = None,
        options: Optional[AskOptions] = None,
    ) -> str:
        """The scene as text for a language model, one line a thing, as much as fits into budget; first what the
        question needs. `count` tells what a text costs (tokens, say), and must tell the same of the same text; without
        it, budget is in bytes. One more is reckoned for the end of each line. What `count` raises is raised here."""
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, AskOptions)._native(borrowed))
        owner = handle.make(
            native.gnomon_text,
            lib.gnomon_text_free,
            lib.gnomon_scene_text,
            self._use(),
            borrowed.text(question, "question"),
            convert.integer(budget, "budget", ctypes.c_size_t),
            _counter(count),
            None,
            given,
        )
        return handle.text_of(lib.gnomon_text_view, owner)

    def __repr__(self) -> str:
        return (
            super().__repr__()
            if self._owner is None or not self._owner.is_ours
            else f"<gnomon.Snapshot of {len(self)} things>"
        )


def _counter(count: Optional[Callable[[str], int]]) -> Any:
    """The callback of `text`; its first exception is kept, and nothing is counted after it."""
    if count is None:
        return native.gnomon_count_fn()
    failed = False

    def call(_: Optional[int], text: native.gnomon_str) -> int:
        nonlocal failed
        if failed:
            return 0
        try:
            return convert.integer(count(handle.text(text)), "what count returns", ctypes.c_size_t)
        except BaseException as exception:
            failed = True
            handle.keep(exception)
            return 0

    return native.gnomon_count_fn(call)
