"""Networks: detectors and depth from pictures, run by an ONNX Runtime that is found on the machine.

Without one the rest of gnomon works; what opens a network then raises `InferenceRuntimeError` and lists the places that
were tried. Pictures are read where they lie: no copy is made of them. Numbers that come out are read-only arrays over
the library's memory.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Callable, NamedTuple, Optional, Union

import numpy as np
from numpy.typing import NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import DepthMeaning, PixelFormat
from .frame import Detection, Intrinsics

__all__ = [
    "Cancel",
    "DepthMap",
    "DepthNet",
    "DetectOptions",
    "Detector",
    "GeometryNet",
    "ModelMemory",
    "NetworkInfo",
    "NetworkOptions",
    "PictureView",
    "model_plan",
]

Path = Union[str, "os.PathLike[str]"]


@cache
def _network_defaults() -> native.gnomon_network_options:
    return handle.filled(native.gnomon_network_options, lib.gnomon_network_options_init)


@cache
def _detect_defaults() -> native.gnomon_detect_options:
    return handle.filled(native.gnomon_detect_options, lib.gnomon_detect_options_init)


@dataclass
class NetworkOptions:
    """How a network is opened. The defaults are the library's.

    family: what a bare .onnx file is ("fastest_det", "depth_anything_v2"); "": the folder says. precision: which of a
    folder's files ("fp32", "fp16", "int8"); "": the fullest. providers: what to run on, in order: "cuda",
    "tensorrt:device_id=1,trt_fp16_enable=1"; none: the processor. require_providers: one that cannot be had is a
    DeviceError; else a remark tells. threads: inside one node, 1 to 1024. memory_budget_bytes: the most that weights
    and activations may take; 0: anything. labels: a text file with the names of classes, one a line, that counts before
    the folder's. runtime_path: the library of ONNX Runtime, or its folder, which then must do; "": the environment
    variable GNOMON_ORT_PATH, else where libraries lie. One process has one ONNX Runtime. engines: the folder where
    TensorRT's engines are kept from start to start; "": each start builds anew, which takes minutes, told in the log.
    fp16, int8: what engines may compute with. within_ns: how long the load may take; 0: as long as it takes. cancel:
    who may stop the load.
    """

    family: str = ""
    precision: str = ""
    providers: Sequence[str] = ()
    require_providers: bool = False
    threads: int = field(default_factory=lambda: _network_defaults().threads)
    memory_budget_bytes: int = 0
    labels: Path = ""
    runtime_path: Path = ""
    engines: Path = ""
    fp16: bool = False
    int8: bool = False
    within_ns: int = 0
    cancel: Optional[Cancel] = None

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_network_options:
        struct = handle.filled(native.gnomon_network_options, lib.gnomon_network_options_init)
        struct.runtime_path = borrowed.text(_path(self.runtime_path, "runtime_path"), "runtime_path")
        struct.labels = borrowed.text(_path(self.labels, "labels"), "labels")
        struct.family = borrowed.text(self.family, "family")
        struct.precision = borrowed.text(self.precision, "precision")
        struct.providers, struct.providers_len = borrowed.texts(self.providers, "providers")
        struct.require_providers = int(bool(self.require_providers))
        struct.engines = borrowed.text(_path(self.engines, "engines"), "engines")
        struct.fp16, struct.int8 = int(bool(self.fp16)), int(bool(self.int8))
        _stop_by(struct, borrowed, self.cancel, self.within_ns)
        convert.put(struct, self, "threads", "memory_budget_bytes")
        return struct


@dataclass
class DetectOptions:
    """What is wanted of one picture.

    min_score: only what has a score above this, 0 to 1. iou: of two boxes of one class that overlap by more than this
    the weaker is dropped, 0 to 1. None: as the folder says, else as the family's makers have it. most: how many, surest
    first, 1 to 4096.
    """

    min_score: Optional[float] = None
    iou: Optional[float] = None
    most: int = field(default_factory=lambda: _detect_defaults().most)

    def _native(self) -> native.gnomon_detect_options:
        struct = handle.filled(native.gnomon_detect_options, lib.gnomon_detect_options_init)
        if self.min_score is not None:
            convert.put(struct, self, "min_score")
        if self.iou is not None:
            convert.put(struct, self, "iou")
        convert.put(struct, self, "most")
        return struct


@dataclass(frozen=True)
class NetworkInfo:
    """What a network is and what really runs it.

    path: the file it was loaded from. licence: in the folder's words, or "". providers: what was registered, in order,
    and how many nodes of the graph each got, None where ONNX Runtime does not tell (before 1.24). remarks: what is not
    as it was asked for. weight_bytes, activation_bytes: what it was reckoned to take of memory. gives_masks: of a
    detector. gives_metres: of a depth network, for pictures whose camera is known.
    """

    family: str
    precision: str
    path: str
    licence: str
    runtime_path: str
    runtime_version: str
    providers: dict[str, Optional[int]]
    remarks: tuple[str, ...]
    weight_bytes: int
    activation_bytes: int
    gives_masks: bool
    gives_metres: bool

    @classmethod
    def _told(cls, function: Callable[..., int], owner: handle.Owner) -> NetworkInfo:
        struct = handle.filled(native.gnomon_network_facts, lib.gnomon_network_facts_init)
        handle.check(function(owner, ctypes.byref(struct)))
        return cls(
            family=handle.text(struct.family),
            precision=handle.text(struct.precision),
            path=handle.text(struct.path),
            licence=handle.text(struct.licence),
            runtime_path=handle.text(struct.runtime_path),
            runtime_version=handle.text(struct.runtime_version),
            providers=_providers(struct),
            remarks=handle.texts(owner, struct.remarks, struct.remarks_len),
            weight_bytes=struct.weight_bytes,
            activation_bytes=struct.activation_bytes,
            gives_masks=bool(struct.gives_masks),
            gives_metres=bool(struct.gives_metres),
        )


class Cancel(handle.Handle):
    """Stops runs of networks from any thread; one for many runs. Once stopped it stays so: make a new one for new
    runs."""

    def __init__(self) -> None:
        self._owner = None
        self._owner = handle.make(native.gnomon_cancel, lib.gnomon_cancel_free, lib.gnomon_cancel_new)

    def stop(self) -> None:
        """Stops every run that was given this, those in line and those yet to come: they raise `CancelledError`.
        Returns at once; a node of the graph that is running runs to its end."""
        handle.check(lib.gnomon_cancel_stop(self._use()))


def _path(value: Path, what: str) -> str:
    try:
        path = os.fspath(value)
    except TypeError:
        raise TypeError(f"{what} is a {type(value).__name__}, expected a path") from None
    if not isinstance(path, str):
        raise TypeError(f"{what} is a path of bytes, expected one of str")
    return path


def _run(borrowed: convert.Borrowed, cancel: Optional[Cancel], within_ns: int) -> native.gnomon_run_options:
    struct = handle.filled(native.gnomon_run_options, lib.gnomon_run_options_init)
    _stop_by(struct, borrowed, cancel, within_ns)
    return struct


def _stop_by(struct: Any, borrowed: convert.Borrowed, cancel: Optional[Cancel], within_ns: int) -> None:
    struct.within_ns = convert.integer(within_ns, "within_ns", ctypes.c_int64)
    if cancel is not None:
        struct.cancel = borrowed.keep(convert.expect(cancel, Cancel, "cancel")._use())._as_parameter_


def _opening(
    borrowed: convert.Borrowed, path: Path, options: Optional[NetworkOptions], what: str = "options"
) -> tuple[Any, ...]:
    """With what every network is opened: where it lies, and how."""
    given = convert.chosen(options, NetworkOptions, what)._native(borrowed)
    return borrowed.text(_path(path, "path"), "path"), ctypes.byref(given)


def _providers(facts: Any) -> dict[str, Optional[int]]:
    """What a network runs on, and how many nodes of its graph that got."""
    given = [facts.providers[at] for at in range(facts.providers_len)]
    return {handle.text(one.name): None if one.nodes < 0 else one.nodes for one in given}


def _opened(
    kind: type[ctypes.c_void_p],
    free: Callable[..., None],
    function: Callable[..., int],
    path: Path,
    options: Optional[NetworkOptions],
) -> handle.Owner:
    borrowed = convert.Borrowed()  # lives until the call is over
    return handle.make(kind, free, function, *_opening(borrowed, path, options))


class Detector(handle.Handle):
    """A detector that is loaded: a model folder, or an .onnx file whose family the options name.

    Any thread, any number at a time: pictures are looked at one after another. Raises InferenceRuntimeError without
    ONNX Runtime, IoError or ModelError for what is no network, NoMemoryError beyond the budget, DeviceError for a
    provider that is required and not there.
    """

    def __init__(self, path: Path, options: Optional[NetworkOptions] = None) -> None:
        self._owner = None
        self._owner = _opened(native.gnomon_detector, lib.gnomon_detector_free, lib.gnomon_detector_open, path, options)

    @property
    def info(self) -> NetworkInfo:
        """What it is and what really runs it."""
        return NetworkInfo._told(lib.gnomon_detector_info, self._use())

    def detect(
        self,
        colour: NDArray[Any],
        options: Optional[DetectOptions] = None,
        *,
        colour_format: PixelFormat = PixelFormat.RGB8,
        cancel: Optional[Cancel] = None,
        within_ns: int = 0,
    ) -> list[Detection]:
        """What is in a picture, surest first, as `Scene.integrate` takes it; masks lie in the library's memory.

        colour: as in a `Frame`. cancel: who may stop it, within_ns: how long it may take, the wait for other calls
        included (0: as long as it takes); either raises `CancelledError`.
        """
        borrowed = convert.Borrowed()
        image = convert.colour_image(borrowed, colour, colour_format)
        wanted = convert.chosen(options, DetectOptions)._native()
        run = _run(borrowed, cancel, within_ns)
        arguments = (self._use(), ctypes.byref(image), ctypes.byref(wanted), ctypes.byref(run))
        owner = handle.make(native.gnomon_found, lib.gnomon_found_free, lib.gnomon_detector_detect, *arguments)
        structs = handle.rows(native.gnomon_detection, lib.gnomon_found_detections, owner)
        return [_detection(owner, struct) for struct in structs]


def _detection(owner: handle.Owner, struct: native.gnomon_detection) -> Detection:
    mask = None
    if struct.mask_len:
        mask = handle.window(owner, struct.mask, (struct.mask_height, struct.mask_width), np.uint8)
    return Detection(
        label=handle.text(struct.label),
        bbox=tuple(struct.bbox),
        score=struct.score,
        mask=mask,
        mask_origin=(struct.mask_x, struct.mask_y),
    )


class DepthMap(handle.Handle):
    """Depth of one picture, pixel for pixel. Never changes; any thread; outlives its network. Made by
    `DepthNet.estimate`."""

    def __init__(self) -> None:
        raise TypeError("a DepthMap is made by DepthNet.estimate()")

    def _facts(self, owner: handle.Owner) -> native.gnomon_depth_facts:
        out = handle.filled(native.gnomon_depth_facts, lib.gnomon_depth_facts_init)
        handle.check(lib.gnomon_depth_map_info(owner, ctypes.byref(out)))
        return out

    def _map(self, name: str, kind: type[np.generic]) -> Optional[NDArray[Any]]:
        owner = self._use()
        facts = self._facts(owner)
        pointer = getattr(facts, name)
        return handle.window(owner, pointer, (facts.height, facts.width), kind) if pointer else None

    @property
    def meaning(self) -> DepthMeaning:
        """What the numbers are."""
        return DepthMeaning(self._facts(self._use()).meaning)

    @property
    def values(self) -> NDArray[np.float32]:
        """(height, width), as the picture's; 0: none there."""
        values = self._map("values", np.float32)
        assert values is not None, "a map has numbers"
        return values

    @property
    def confidence(self) -> Optional[NDArray[np.float32]]:
        """How sure the network is of each pixel, in its own measure, more being surer; None where it does not tell."""
        return self._map("confidence", np.float32)

    @property
    def sky(self) -> Optional[NDArray[np.bool_]]:
        """Which pixels are sky, whose values are those of what is farthest; None where the network does not tell."""
        return self._map("sky", np.bool_)

    @property
    def intrinsics(self) -> Optional[Intrinsics]:
        """The camera that the network believes to see through, where it tells one."""
        facts = self._facts(self._use())
        if not facts.has_camera:
            return None
        told = facts.intrinsics
        return Intrinsics(told.width, told.height, told.fx, told.fy, told.cx, told.cy)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was not as it could be: a camera that was given and not used, say."""
        owner = self._use()
        facts = self._facts(owner)
        return handle.texts(owner, facts.remarks, facts.remarks_len)

    @property
    def metres(self) -> NDArray[np.float32]:
        """The depth of a `Frame`: (height, width), metres, 0 where there is none and in the sky. Raises
        `UnsupportedError` for depth that is not metres."""
        owner = self._use()
        image = native.gnomon_image()
        handle.check(lib.gnomon_depth_map_image(owner, ctypes.byref(image)))
        return handle.window(owner, image.data, (image.height, image.width), np.float32)


class DepthNet(handle.Handle):
    """A depth network that is loaded: a model folder, or an .onnx file whose family the options name.

    Any thread, any number at a time: pictures are looked at one after another. Raises what `Detector` does.
    """

    def __init__(self, path: Path, options: Optional[NetworkOptions] = None) -> None:
        self._owner = None
        self._owner = _opened(
            native.gnomon_depth_net, lib.gnomon_depth_net_free, lib.gnomon_depth_net_open, path, options
        )

    @property
    def info(self) -> NetworkInfo:
        """What it is and what really runs it."""
        return NetworkInfo._told(lib.gnomon_depth_net_info, self._use())

    def estimate(
        self,
        colour: NDArray[Any],
        intrinsics: Optional[Intrinsics] = None,
        *,
        colour_format: PixelFormat = PixelFormat.RGB8,
        cancel: Optional[Cancel] = None,
        within_ns: int = 0,
    ) -> DepthMap:
        """Depth of a picture, at its size. intrinsics: its camera; without it some networks find a camera themselves,
        some give no metres, some refuse. The rest as in `Detector.detect`."""
        borrowed = convert.Borrowed()
        image = convert.colour_image(borrowed, colour, colour_format)
        camera = None
        if intrinsics is not None:
            camera = ctypes.byref(convert.expect(intrinsics, Intrinsics, "intrinsics")._native)
        run = _run(borrowed, cancel, within_ns)
        arguments = (self._use(), ctypes.byref(image), camera, ctypes.byref(run))
        return DepthMap._over(
            handle.make(native.gnomon_depth_map, lib.gnomon_depth_map_free, lib.gnomon_depth_net_estimate, *arguments)
        )


@dataclass(frozen=True, eq=False)
class PictureView:
    """What a network says of one of the pictures that it saw together. Arrays lie in the library's memory, read-only.

    meaning: what the numbers are; all views share the factor. values: (height, width), 0: none there. confidence: how
    sure the network is of each pixel, in its own measure, more being surer; None where it does not tell. points:
    (height, width, 3), each pixel's point in the network's world, in units of values, NaN: none there; or None.
    points_confidence: how sure it is of them; or None. intrinsics: the camera that the network believes to see through.
    world_from_camera: 4 x 4, into the network's world, which is about the first camera's; the translation in units of
    values. Which way is up, the network does not say.
    """

    meaning: DepthMeaning
    values: NDArray[np.float32]
    confidence: Optional[NDArray[np.float32]]
    points: Optional[NDArray[np.float32]]
    points_confidence: Optional[NDArray[np.float32]]
    intrinsics: Intrinsics
    world_from_camera: NDArray[np.float64]
    _owner: handle.Owner = field(repr=False)
    _at: int = field(repr=False)

    @classmethod
    def _of(cls, owner: handle.Owner, at: int, struct: native.gnomon_view) -> PictureView:
        shape = (struct.height, struct.width)

        def numbers(pointer: Any, sides: tuple[int, ...]) -> Optional[NDArray[np.float32]]:
            return handle.window(owner, pointer, sides, np.float32) if pointer else None

        told = struct.intrinsics
        return cls(
            meaning=DepthMeaning(struct.meaning),
            values=handle.window(owner, struct.values, shape, np.float32),
            confidence=numbers(struct.confidence, shape),
            points=numbers(struct.points, (*shape, 3)),
            points_confidence=numbers(struct.points_confidence, shape),
            intrinsics=Intrinsics(told.width, told.height, told.fx, told.fy, told.cx, told.cy),
            world_from_camera=np.array(struct.world_from_camera, np.float64).reshape(4, 4),
            _owner=owner,
            _at=at,
        )

    @property
    def metres(self) -> NDArray[np.float32]:
        """The depth of a `Frame`: (height, width), metres, 0 where there is none. Raises `UnsupportedError` for depth
        that is not metres."""
        image = native.gnomon_image()
        handle.check(lib.gnomon_views_image(self._owner, self._at, ctypes.byref(image)))
        return handle.window(self._owner, image.data, (image.height, image.width), np.float32)


class GeometryNet(handle.Handle):
    """A network that looks at many pictures at once (depth_anything_3, vggt): a model folder, or an .onnx file whose
    family the options name.

    Any thread, any number at a time: calls are served one after another. Raises what `Detector` does.
    """

    def __init__(self, path: Path, options: Optional[NetworkOptions] = None) -> None:
        self._owner = None
        self._owner = _opened(
            native.gnomon_geometry_net, lib.gnomon_geometry_net_free, lib.gnomon_geometry_net_open, path, options
        )

    @property
    def info(self) -> NetworkInfo:
        """What it is and what really runs it."""
        return NetworkInfo._told(lib.gnomon_geometry_net_info, self._use())

    def estimate(
        self,
        pictures: Sequence[NDArray[Any]],
        *,
        colour_format: PixelFormat = PixelFormat.RGB8,
        cancel: Optional[Cancel] = None,
        within_ns: int = 0,
    ) -> list[PictureView]:
        """What the network says of each of 1 to 256 pictures of one place, of any sizes. colour_format is that of all;
        the rest as in `Detector.detect`."""
        borrowed = convert.Borrowed()
        images = [convert.colour_image(borrowed, picture, colour_format) for picture in pictures]
        array = (native.gnomon_image * len(images))(*images)
        run = _run(borrowed, cancel, within_ns)
        arguments = (self._use(), array, len(images), ctypes.byref(run))
        owner = handle.make(native.gnomon_views, lib.gnomon_views_free, lib.gnomon_geometry_net_estimate, *arguments)
        structs = handle.rows(native.gnomon_view, lib.gnomon_views_list, owner)
        return [PictureView._of(owner, at, struct) for at, struct in enumerate(structs)]


class ModelMemory(NamedTuple):
    """What a model will take of memory: bytes of all weights, of those in files of their own, and the most that inputs,
    outputs and values in between take at one time. unknown_values of the values have no shape that is known, and are
    not counted. ONNX Runtime itself needs more: some 30 MB of code.

    A decoder keeps cache_bytes_per_1000_tokens in cache_layers layers of what came before, which is not part of
    activation_bytes; of the folder of a vision-language model cache_bytes is that of context_tokens, the most of prompt
    and reply together."""

    weight_bytes: int
    external_bytes: int
    activation_bytes: int
    values: int
    unknown_values: int
    cache_bytes_per_1000_tokens: int = 0
    cache_layers: int = 0
    context_tokens: int = 0
    cache_bytes: int = 0


def model_plan(path: Path, precision: str = "", sides: Optional[Mapping[str, int]] = None) -> ModelMemory:
    """Reckons what a model will take of memory, without loading it and without ONNX Runtime: an .onnx file, or a
    folder, of which precision names the file; all graphs of a vision-language model's folder together. sides: numbers
    for sides that have a name alone ({"batch": 1})."""
    borrowed = convert.Borrowed()
    given = dict(sides or {})
    named = (native.gnomon_side * len(given))()
    for side, (name, size) in zip(named, given.items()):
        side.name = borrowed.text(name, "a name in sides")
        side.size = convert.integer(size, f"sides[{name!r}]", ctypes.c_uint64)
    out = handle.filled(native.gnomon_model_memory, lib.gnomon_model_memory_init)
    where, which = borrowed.text(_path(path, "path"), "path"), borrowed.text(precision, "precision")
    size = ctypes.sizeof(native.gnomon_side)
    handle.check(lib.gnomon_model_plan(where, which, named, size, len(given), ctypes.byref(out)))
    return ModelMemory(**{name: getattr(out, name) for name in ModelMemory._fields})
