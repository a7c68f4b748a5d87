"""A sense of space for robots: RGB-D frames in, a map of things and a map of 10 x 10 cells out.

A camera 1.2 m above the floor looks along world x and sees a wall 2 m ahead, and a cup 1 m ahead:

    >>> import numpy as np
    >>> import gnomon
    >>> looking_along_x = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 1.2], [0, 0, 0, 1]])
    >>> camera = gnomon.Intrinsics(width=64, height=48, fx=60, fy=60, cx=31.5, cy=23.5)
    >>> depth_mm = np.full((48, 64), 2000, np.uint16)
    >>> depth_mm[16:32, 16:32] = 1000
    >>> cup = gnomon.Detection("cup", bbox=(16, 16, 32, 32), score=0.9)
    >>> with gnomon.Scene() as scene:
    ...     for stamp_ns in (1, 2, 3):
    ...         report = scene.integrate(gnomon.Frame(stamp_ns, depth_mm, camera, looking_along_x), [cup])
    ...     snapshot = scene.publish()

The snapshot outlives its scene. It has things, with oriented boxes and uncertainties:

    >>> [thing.name for thing in snapshot]
    ['cup#1']
    >>> snapshot.object("cup#1").centre.round(2)
    array([1.04, 0.13, 1.2 ])

questions are answered, or unknown with the reason, and statements of others are judged:

    >>> snapshot.ask("How many cups are there?").short
    '1'
    >>> answer = snapshot.ask("How many dogs are there?")
    >>> answer.known, answer.why.name
    (False, 'NEVER_SEEN')
    >>> [judgement.verdict.name for judgement in snapshot.check("There is a cup.")]
    ['AGREES']

and so is the map round the observer, as numbers, text and pictures:

    >>> cogmap = snapshot.cogmap(gnomon.CogMapOptions(cell_m=0.25))
    >>> cogmap.cells["state"].shape
    (10, 10)

Rules
    Units and frames: metres, radians, nanoseconds. Camera: x right, y down, z forward; pixel centres at integer (u, v).
    World: Z up. A pose is world_from_camera, 4 x 4.
    Memory: images, masks and features are read where they lie, without a copy; what cannot be is refused, with the cure
    in the sentence. Arrays that come out (features, footprints, numbers) are read-only and keep alive what they look
    at. Handles (`Scene`, `Snapshot`, `CogMap`, `Answer`, `Judgements`, `Chain`, `Keeper`) are freed by `close()`, at
    the end of `with`, or with their last reference; used after `close()` they raise `ClosedError`. A snapshot outlives
    its scene; maps, answers and judgements outlive their snapshot.
    Errors: `Error`, with a subclass for every status of the library, which keeps the library's sentence and `.status`.
    What is wrong before the library is called is a TypeError or a ValueError.
    Threads: every call lets go of the interpreter's lock. Snapshots and what is made of them may be shared; a scene or
    a chain takes one writer at a time, a second one gets a `BusyError`. A `Pipeline` takes any number, and never waits.
    Fork: handles belong to the process that made them; in a forked child they raise `ForkedError` and are not freed.
    Fork while no other thread is inside gnomon, or start children with multiprocessing's "spawn".
    Networks: `Detector`, `DepthNet`, `GeometryNet` and `Vlm` look for an ONNX Runtime when they are made, at
    GNOMON_ORT_PATH or where libraries lie; without one they raise `InferenceRuntimeError`, and the rest works.
    Library: the file that the environment variable GNOMON_LIBRARY names; else the one beside this package; else where
    the loader looks. Its ABI number must be this package's.
"""

from __future__ import annotations

import json
from typing import Any

from . import _library, _native, score
from .answer import Answer, AskOptions, Evidence, Judgement, Judgements, Question, View
from .box import Box
from .chain import Chain, ChainOptions, ChainUpdate
from .codes import (
    Ask,
    Axis,
    CellState,
    ChainOrder,
    ConstraintKind,
    Contact,
    Convention,
    DepthMeaning,
    EdgeKind,
    EditDistance,
    EditKind,
    Ended,
    EventKind,
    Extent,
    FactsTold,
    Lens,
    Link,
    LiveParts,
    LogLevel,
    MarginUnit,
    Measure,
    Mra,
    ObjectState,
    PixelFormat,
    Reading,
    RegionKind,
    RelationKind,
    Role,
    SameBy,
    Sectors,
    Side,
    Silence,
    Source,
    Spread,
    Status,
    Step,
    SupportKind,
    Tail,
    ToldPlace,
    Unit,
    Up,
    ValueKind,
    Verdict,
    WhenBusy,
    Why,
)
from .cogmap import BeyondObject, Cell, CogMap, CogMapFacts, CogMapOptions, MapObject
from .converse import Album, AlbumOptions, Conversed, ConverseOptions, Said, ask_with_model
from .edit import Edit, EditRecord, Provenance
from .errors import (
    AbiError,
    ArgumentError,
    BusyError,
    CancelledError,
    ClosedError,
    DeviceError,
    Error,
    ForkedError,
    InferenceRuntimeError,
    InternalError,
    IoError,
    LibraryError,
    ModelError,
    NoMemoryError,
    StateError,
    UnsupportedError,
)
from .frame import Detection, Frame, FrameReport, Intrinsics
from .graph import GraphChange, GraphOptions, GraphRelation, GraphReport, RelationGraph
from .grounding import Fit, Grounded, Grounding
from .keyframes import (
    Keeper,
    KeeperInfo,
    KeeperOptions,
    Kept,
    Pick,
    Selection,
    SelectOptions,
    Swap,
    select_frames,
    select_points,
    select_voxels,
)
from .log import recent_log, set_log
from .network import (
    Cancel,
    DepthMap,
    DepthNet,
    DetectOptions,
    Detector,
    GeometryNet,
    ModelMemory,
    NetworkInfo,
    NetworkOptions,
    PictureView,
    model_plan,
)
from .observer import Observer
from .pipeline import Explanation, LiveFrame, Pipeline, PipelineOptions, Published, StageStatistics
from .relation import Relation, RelationOptions
from .scene import RecordingInfo, Replayed, Scene, SceneOptions
from .snapshot import DiffOptions, Event, Keyframe, Label, Object, SceneDiff, SceneInfo, Snapshot, Support
from .told import (
    Gauge,
    Layout,
    LayoutFacts,
    Loop,
    PlacementError,
    Rejected,
    Told,
    ToldThing,
    Triplet,
    Triplets,
)
from .vlm import (
    Constraint,
    Job,
    Message,
    Reply,
    ReplyStatistics,
    Sampling,
    Video,
    Vlm,
    VlmInfo,
    VlmOptions,
)
from .vocabulary import Vocabulary

__all__ = [
    "AbiError",
    "Album",
    "AlbumOptions",
    "Answer",
    "ArgumentError",
    "Ask",
    "AskOptions",
    "Axis",
    "BeyondObject",
    "Box",
    "BusyError",
    "Cancel",
    "CancelledError",
    "Cell",
    "CellState",
    "Chain",
    "ChainOptions",
    "ChainOrder",
    "ChainUpdate",
    "ClosedError",
    "CogMap",
    "CogMapFacts",
    "CogMapOptions",
    "Constraint",
    "ConstraintKind",
    "Contact",
    "Convention",
    "ConverseOptions",
    "Conversed",
    "DepthMap",
    "DepthMeaning",
    "DepthNet",
    "DetectOptions",
    "Detection",
    "Detector",
    "DeviceError",
    "DiffOptions",
    "EdgeKind",
    "Edit",
    "EditDistance",
    "EditKind",
    "EditRecord",
    "Ended",
    "Error",
    "Event",
    "EventKind",
    "Evidence",
    "Explanation",
    "Extent",
    "FactsTold",
    "Fit",
    "ForkedError",
    "Frame",
    "FrameReport",
    "Gauge",
    "GeometryNet",
    "GraphChange",
    "GraphOptions",
    "GraphRelation",
    "GraphReport",
    "Grounded",
    "Grounding",
    "InferenceRuntimeError",
    "InternalError",
    "Intrinsics",
    "IoError",
    "Job",
    "Judgement",
    "Judgements",
    "Keeper",
    "KeeperInfo",
    "KeeperOptions",
    "Kept",
    "Keyframe",
    "Label",
    "Layout",
    "LayoutFacts",
    "Lens",
    "LibraryError",
    "Link",
    "LiveFrame",
    "LiveParts",
    "LogLevel",
    "Loop",
    "MapObject",
    "MarginUnit",
    "Measure",
    "Message",
    "ModelError",
    "ModelMemory",
    "Mra",
    "NetworkInfo",
    "NetworkOptions",
    "NoMemoryError",
    "Object",
    "ObjectState",
    "Observer",
    "Pick",
    "PictureView",
    "Pipeline",
    "PipelineOptions",
    "PixelFormat",
    "PlacementError",
    "Provenance",
    "Published",
    "Question",
    "Reading",
    "RecordingInfo",
    "RegionKind",
    "Rejected",
    "Relation",
    "RelationGraph",
    "RelationKind",
    "RelationOptions",
    "Replayed",
    "Reply",
    "ReplyStatistics",
    "Role",
    "Said",
    "SameBy",
    "Sampling",
    "Scene",
    "SceneDiff",
    "SceneInfo",
    "SceneOptions",
    "Sectors",
    "SelectOptions",
    "Selection",
    "Side",
    "Silence",
    "Snapshot",
    "Source",
    "Spread",
    "StageStatistics",
    "StateError",
    "Status",
    "Step",
    "Support",
    "SupportKind",
    "Swap",
    "Tail",
    "Told",
    "ToldPlace",
    "ToldThing",
    "Triplet",
    "Triplets",
    "Unit",
    "UnsupportedError",
    "Up",
    "ValueKind",
    "Verdict",
    "Video",
    "View",
    "Vlm",
    "VlmInfo",
    "VlmOptions",
    "Vocabulary",
    "WhenBusy",
    "Why",
    "abi_version",
    "ask_with_model",
    "build_info",
    "library_path",
    "model_plan",
    "recent_log",
    "score",
    "select_frames",
    "select_points",
    "select_voxels",
    "set_log",
    "version",
]

__version__ = _native.VERSION


def version() -> str:
    """The version of the library that was loaded."""
    return _library.lib.gnomon_version().decode()


def abi_version() -> int:
    """The ABI number of the library that was loaded."""
    return _library.lib.gnomon_abi_version()


def build_info() -> dict[str, Any]:
    """What the library was built from: version, abi, target, profile, features."""
    info: dict[str, Any] = json.loads(_library.lib.gnomon_build_info())
    return info


def library_path() -> str:
    """The name by which the library was loaded: a path, or a bare name that the loader found."""
    return _library.path
