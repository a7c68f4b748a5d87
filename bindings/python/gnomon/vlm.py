"""Vision-language models: pictures and a question in, words out, piece by piece.

A model answers one request after another on a thread of its own. What is asked is copied; the pieces of a reply are
kept for whoever iterates over its `Job`, and functions that hear them are called on the model's thread.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import json
import queue
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Callable, NamedTuple, Optional, Union

from numpy.typing import NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import ConstraintKind, Convention, Ended, PixelFormat, Role, WhenBusy
from .grounding import Fit, Grounding
from .network import NetworkOptions, Path, _opening, _providers

__all__ = [
    "Constraint",
    "Job",
    "Message",
    "Reply",
    "ReplyStatistics",
    "Sampling",
    "Video",
    "Vlm",
    "VlmInfo",
    "VlmOptions",
]

# So long a wait does not hear a key that interrupts.
SLICE_NS = 100_000_000


@cache
def _vlm_defaults() -> native.gnomon_vlm_options:
    return handle.filled(native.gnomon_vlm_options, lib.gnomon_vlm_options_init)


@cache
def _request_defaults() -> native.gnomon_vlm_request:
    return handle.filled(native.gnomon_vlm_request, lib.gnomon_vlm_request_init)


@dataclass
class VlmOptions:
    """How a vision-language model is opened, beside `NetworkOptions`. The defaults are the library's.

    vision_precision: of embedding and vision graph, as `NetworkOptions.precision` is the decoder's; "": what the
    provider computes quickest of what is there. context_tokens: the most tokens of prompt and reply together; 0: what
    the folder says. prefill_tokens: so many of a prompt go through the decoder at once. feature_bytes: what is kept of
    pictures that were seen. most_waiting: the most requests that stand in line. prefixes: so many conversations stay in
    the decoder's cache.
    """

    vision_precision: str = ""
    context_tokens: int = 0
    prefill_tokens: int = field(default_factory=lambda: _vlm_defaults().prefill_tokens)
    feature_bytes: int = field(default_factory=lambda: _vlm_defaults().feature_bytes)
    most_waiting: int = field(default_factory=lambda: _vlm_defaults().most_waiting)
    prefixes: int = field(default_factory=lambda: _vlm_defaults().prefixes)

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_vlm_options:
        struct = handle.filled(native.gnomon_vlm_options, lib.gnomon_vlm_options_init)
        struct.vision_precision = borrowed.text(self.vision_precision, "vision_precision")
        convert.put(struct, self, "context_tokens", "prefill_tokens", "feature_bytes", "most_waiting", "prefixes")
        return struct


@dataclass
class Sampling:
    """How a token is picked. temperature: what logits are divided by; 0: the likeliest token always. top_k: the number
    of likeliest tokens that stay; 0: all. top_p: the share of probability that the likeliest make up that stay. min_p:
    the share of the likeliest token's probability that a token needs. repetition_penalty: what logits of tokens that
    came before are divided by; 1: none. seed: where chance begins."""

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Constraint:
    """What a reply must be, so that it parses unless its tokens run out. Made by the methods below."""

    kind: ConstraintKind
    text: str = ""
    names: tuple[str, ...] = ()
    first: int = 0
    least: int = field(default_factory=lambda: _request_defaults().constraint_least)
    most: int = field(default_factory=lambda: _request_defaults().constraint_most)
    units: bool = False

    @classmethod
    def json_schema(cls, schema: Union[str, Mapping[str, Any]]) -> Constraint:
        """JSON that a schema describes."""
        return cls(ConstraintKind.JSON_SCHEMA, schema if isinstance(schema, str) else json.dumps(schema))

    @classmethod
    def regex(cls, expression: str) -> Constraint:
        """All of the reply matches an expression, without anchors."""
        return cls(ConstraintKind.REGEX, expression)

    @classmethod
    def choices(cls, choices: Sequence[str]) -> Constraint:
        """One of these strings."""
        return cls(ConstraintKind.CHOICES, names=tuple(choices))

    @classmethod
    def lark(cls, grammar: str) -> Constraint:
        """A grammar in Lark's notation."""
        return cls(ConstraintKind.LARK, grammar)

    @classmethod
    def triplets(
        cls, names: Sequence[str], *, first: int = 1, least: int = 1, most: int = 64, units: bool = False
    ) -> Constraint:
        """Lines of triplets as `Triplets` reads them, about 2 to 64 ids; first is the number of the first line, units
        whether lines tell how large a cell is."""
        return cls(ConstraintKind.TRIPLETS, "", tuple(names), first, least, most, units)

    @classmethod
    def cogmap(cls, names: Sequence[str], *, units: bool = False) -> Constraint:
        """The line of a map, with each of up to 64 ids at one place at most."""
        return cls(ConstraintKind.COGMAP, names=tuple(names), units=units)

    @classmethod
    def boxes(cls, labels: Sequence[str] = (), *, least: int = 1, most: int = 64) -> Constraint:
        """Lines of boxes: label, centre and size in metres, yaw in radians. No labels: any."""
        return cls(ConstraintKind.BOXES, names=tuple(labels), least=least, most=most)


@dataclass(frozen=True, eq=False)
class Video:
    """Frames that follow each other: arrays of one size, as in a `Frame`, fps of them in a second."""

    frames: Sequence[NDArray[Any]]
    fps: float


@dataclass(frozen=True, eq=False)
class Message:
    """What somebody says: pictures first, then videos, then words."""

    text: str
    role: Role = Role.USER
    images: Sequence[NDArray[Any]] = ()
    videos: Sequence[Video] = ()


@dataclass(frozen=True)
class VlmInfo:
    """What a model is and what really runs it.

    path: its folder. precision: the decoder's, vision_precision: the embedding's. files: of embedding, vision graphs
    and decoder. providers: what the decoder runs on, in order, and how many nodes each got, None where ONNX Runtime
    does not tell. remarks: what is not as it was asked for. plan_bytes: what a process takes for it when the context is
    full. shares_cache: the decoder writes into its cache where it lies.
    """

    family: str
    path: str
    precision: str
    vision_precision: str
    runtime_path: str
    runtime_version: str
    files: tuple[str, ...]
    providers: dict[str, Optional[int]]
    remarks: tuple[str, ...]
    context_tokens: int
    plan_bytes: int
    takes_images: bool
    shares_cache: bool


class ReplyStatistics(NamedTuple):
    """What a reply took: tokens of the prompt, how many of them were in the model's cache already, tokens of the reply,
    pictures that the vision graph saw, bytes of the cache, and nanoseconds. run_ns is the decoder's graph alone."""

    prompt_tokens: int
    reused_tokens: int
    new_tokens: int
    images_seen: int
    cache_bytes: int
    prepare_ns: int
    vision_ns: int
    prefill_ns: int
    first_token_ns: int
    decode_ns: int
    run_ns: int


@dataclass(frozen=True)
class Reply:
    """What a model said, and why it ended. token_ids has the token that ended it, prompt_ids those of pictures. grids:
    frames, rows and columns of patches of each picture and video, where the family has them."""

    text: str
    token_ids: tuple[int, ...]
    prompt_ids: tuple[int, ...]
    grids: tuple[tuple[int, int, int], ...]
    ended: Ended
    statistics: ReplyStatistics


Hear = Callable[[str], Optional[bool]]
Progress = Callable[[int, int], object]


class _Listening:
    """What a reply's pieces go to; an end of None comes when the library lets go of it."""

    def __init__(self, hear: Optional[Hear], progress: Optional[Progress]) -> None:
        self.pieces: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
        self.hear, self.progress = hear, progress
        self.exception: Optional[BaseException] = None


_listening: dict[int, _Listening] = {}
_numbers = itertools.count(1)
_running: weakref.WeakSet[handle.Owner] = weakref.WeakSet()


def _heard(user: Optional[int], text: native.gnomon_str, done: int, of: int) -> int:
    listening = _listening[user or 0]
    try:
        piece = handle.text(text)
        if not piece:
            if listening.progress is not None:
                listening.progress(done, of)
            return 0
        listening.pieces.put(piece)
        return int(listening.hear is not None and listening.hear(piece) is False)
    except BaseException as exception:
        listening.exception = exception
        return 1


def _let_go(user: Optional[int]) -> None:
    listening = _listening.pop(user or 0, None)
    if listening is not None:
        listening.pieces.put(None)


# ctypes frees a callback that nobody holds.
_piece = native.gnomon_piece_fn(_heard)
_release = native.gnomon_release_fn(_let_go)


class Job(handle.Handle):
    """A request on its way, made by `Vlm.ask`. Iterating gives the pieces of its reply as they come; `reply` is the
    whole.

    Any thread. It goes on until it is done, cancelled, closed or dropped, or its model is closed. What fails raises
    where it is waited for: CancelledError when it was cancelled or its time was up.
    """

    _listening: _Listening
    _is_heard: bool

    def __init__(self) -> None:
        raise TypeError("a Job is made by Vlm.ask()")

    def __iter__(self) -> Iterator[str]:
        """The pieces that nobody took yet, until the reply is done."""
        while not self._is_heard:
            piece = self._listening.pieces.get()
            if piece is None:
                self._is_heard = True
                break
            yield piece
        self.wait()

    def wait(self, timeout_ns: Optional[int] = None) -> bool:
        """Waits for the reply, as long as it takes or so long at most; False where it is not there then. A callback
        that waits for a job of its own model gets a `StateError`."""
        left = None if timeout_ns is None else max(0, convert.integer(timeout_ns, "timeout_ns", ctypes.c_int64))
        while True:
            part = SLICE_NS if left is None else min(left, SLICE_NS)
            status = lib.gnomon_job_wait(self._use(), part)
            if status != native.GNOMON_PENDING:
                break
            if left is not None:
                left -= part
                if left <= 0:
                    return False
        if self._listening.exception is not None:
            raise self._listening.exception
        handle.check(status)
        return True

    def fit(self, image: int = 0) -> Fit:
        """Where the picture or video at this place of the prompt lies in what the model saw; the reply is waited
        for."""
        self.wait()
        out = native.gnomon_fit()
        at = convert.integer(image, "image", ctypes.c_size_t)
        handle.check(lib.gnomon_job_fit(self._use(), at, ctypes.byref(out)))
        return Fit._of(out)

    def grounding(self, convention: Convention, image: int = 0) -> Grounding:
        """The boxes and points that the reply names in that picture; the reply is waited for."""
        return Grounding(self.reply.text, convention, self.fit(image))

    def cancel(self) -> None:
        """Ends it: in line at once, while it is answered within one node of a graph."""
        handle.check(lib.gnomon_job_cancel(self._use()))

    @property
    def reply(self) -> Reply:
        """The whole reply, which is waited for."""
        self.wait()
        owner = self._use()
        facts = handle.filled(native.gnomon_reply_facts, lib.gnomon_reply_facts_init)
        handle.check(lib.gnomon_job_reply(owner, ctypes.byref(facts)))
        told = facts.statistics
        return Reply(
            text=handle.text(facts.text),
            token_ids=tuple(facts.token_ids[: facts.token_ids_len]),
            prompt_ids=tuple(facts.prompt_ids[: facts.prompt_ids_len]),
            grids=tuple(
                (facts.grids[3 * at], facts.grids[3 * at + 1], facts.grids[3 * at + 2]) for at in range(facts.grids_len)
            ),
            ended=Ended(facts.ended),
            statistics=ReplyStatistics(**{name: getattr(told, name) for name in ReplyStatistics._fields}),
        )


class Vlm(handle.Handle):
    """A vision-language model that is open: a folder of Hugging Face's layout or that of onnxruntime-genai.

    Any thread, any number at a time: requests are answered one after another, on a thread of its own. Its end cancels
    its jobs. Raises what `Detector` does.
    """

    def __init__(
        self, path: Path, network: Optional[NetworkOptions] = None, options: Optional[VlmOptions] = None
    ) -> None:
        self._owner = None
        borrowed = convert.Borrowed()
        given = convert.chosen(options, VlmOptions)._native(borrowed)
        arguments = (*_opening(borrowed, path, network, "network"), ctypes.byref(given))
        self._owner = handle.make(native.gnomon_vlm, lib.gnomon_vlm_free, lib.gnomon_vlm_open, *arguments)

    @property
    def info(self) -> VlmInfo:
        """What it is and what really runs it."""
        owner = self._use()
        struct = handle.filled(native.gnomon_vlm_facts, lib.gnomon_vlm_facts_init)
        handle.check(lib.gnomon_vlm_info(owner, ctypes.byref(struct)))
        return VlmInfo(
            family=handle.text(struct.family),
            path=handle.text(struct.path),
            precision=handle.text(struct.precision),
            vision_precision=handle.text(struct.vision_precision),
            runtime_path=handle.text(struct.runtime_path),
            runtime_version=handle.text(struct.runtime_version),
            files=handle.texts(owner, struct.files, struct.files_len),
            providers=_providers(struct),
            remarks=handle.texts(owner, struct.remarks, struct.remarks_len),
            context_tokens=struct.context_tokens,
            plan_bytes=struct.plan_bytes,
            takes_images=bool(struct.takes_images),
            shares_cache=bool(struct.shares_cache),
        )

    def count_tokens(self, text: str) -> int:
        """How many tokens a text is. Waits for no request."""
        borrowed, count = convert.Borrowed(), ctypes.c_size_t(0)
        handle.check(lib.gnomon_vlm_count_tokens(self._use(), borrowed.text(text, "text"), ctypes.byref(count)))
        return count.value

    def ask(
        self,
        question: Union[str, Sequence[Message]],
        images: Sequence[NDArray[Any]] = (),
        *,
        videos: Sequence[Video] = (),
        raw: bool = False,
        sampling: Optional[Sampling] = None,
        max_new_tokens: int = 128,
        stops: Sequence[str] = (),
        constraint: Optional[Constraint] = None,
        colour_format: PixelFormat = PixelFormat.RGB8,
        within_ns: int = 0,
        when_busy: WhenBusy = WhenBusy.QUEUE,
        hear: Optional[Hear] = None,
        progress: Optional[Progress] = None,
    ) -> Job:
        """Hands in a request and returns at once: `for piece in vlm.ask("Where is the cup?", [picture]): ...`.

        question: words about images and videos, or a conversation whose messages have theirs. raw: the words are the
        prompt as it is, with the family's own placeholder for each picture. Pictures are arrays as in a `Frame`, of
        colour_format all, and are copied. sampling: greedy by default. stops: strings before any of which the reply
        ends. within_ns: how long it may take, the time in line included; 0: as long as it takes. Raises BusyError where
        the line is full, or another is answered and when_busy refuses to stand in line.

        hear(piece) and progress(done, of), of the prompt's tokens, are called on the model's thread; hear ends the
        reply by returning False. What they raise ends it too, and is raised where the job is waited for.
        """
        borrowed = convert.Borrowed()
        request = handle.filled(native.gnomon_vlm_request, lib.gnomon_vlm_request_init)
        self._put_words(request, borrowed, question, images, videos, raw, colour_format)
        convert.put(request, convert.chosen(sampling, Sampling, "sampling"), *Sampling.__dataclass_fields__)
        request.max_new_tokens = convert.integer(max_new_tokens, "max_new_tokens", ctypes.c_uint32)
        request.stops, request.stops_len = borrowed.texts(stops, "stops")
        request.within_ns = convert.integer(within_ns, "within_ns", ctypes.c_int64)
        request.when_busy = convert.integer(when_busy, "when_busy", ctypes.c_int32)
        if constraint is not None:
            _constrain(request, borrowed, convert.expect(constraint, Constraint, "constraint"))
        listening, number = _Listening(hear, progress), next(_numbers)
        _listening[number] = listening
        try:
            owner = handle.make(
                native.gnomon_job,
                lib.gnomon_job_free,
                lib.gnomon_vlm_submit,
                self._use(),
                ctypes.byref(request),
                _piece,
                _release,
                number,
            )
        except BaseException:
            # What was refused is not released.
            _listening.pop(number, None)
            raise
        _running.add(owner)
        job = Job._over(owner)
        job._listening, job._is_heard = listening, False
        return job

    @staticmethod
    def _put_words(
        request: native.gnomon_vlm_request,
        borrowed: convert.Borrowed,
        question: Union[str, Sequence[Message]],
        images: Sequence[NDArray[Any]],
        videos: Sequence[Video],
        raw: bool,
        colour_format: PixelFormat,
    ) -> None:
        said = [Message(question, images=images, videos=videos)] if isinstance(question, str) else list(question)
        if not isinstance(question, str) and (raw or len(images) or len(videos)):
            raise ValueError("raw, images or videos stand beside a conversation, expected them in its messages")
        if raw:
            request.prompt = borrowed.text(str(question), "question")
        else:
            messages = (native.gnomon_message * len(said))()
            for struct, message in zip(messages, said):
                convert.expect(message, Message, "a message")
                struct.text = borrowed.text(message.text, "a message's text")
                struct.role = convert.integer(message.role, "a message's role", ctypes.c_int32)
                struct.images, struct.videos = len(message.images), len(message.videos)
            request.messages, request.messages_len = borrowed.keep(messages), len(messages)
        request.images, request.images_len = _pictures(
            borrowed, [picture for message in said for picture in message.images], colour_format
        )
        clips = [clip for message in said for clip in message.videos]
        structs = borrowed.keep((native.gnomon_video * len(clips))())
        for struct, clip in zip(structs, clips):
            convert.expect(clip, Video, "a video")
            struct.frames, struct.frames_len = _pictures(borrowed, clip.frames, colour_format)
            struct.fps = convert.real(clip.fps, "fps")
        request.videos, request.videos_len = structs, len(structs)


def _pictures(
    borrowed: convert.Borrowed, pictures: Sequence[NDArray[Any]], colour_format: PixelFormat
) -> tuple[Any, int]:
    images = [convert.colour_image(borrowed, picture, colour_format) for picture in pictures]
    return borrowed.keep((native.gnomon_image * len(images))(*images)), len(images)


def _constrain(request: native.gnomon_vlm_request, borrowed: convert.Borrowed, constraint: Constraint) -> None:
    request.constraint = convert.integer(constraint.kind, "kind", ctypes.c_int32)
    request.constraint_text = borrowed.text(constraint.text, "text")
    request.constraint_names, request.constraint_names_len = borrowed.texts(constraint.names, "names")
    request.constraint_first = convert.integer(constraint.first, "first", ctypes.c_uint64)
    request.constraint_least = convert.integer(constraint.least, "least", ctypes.c_uint32)
    request.constraint_most = convert.integer(constraint.most, "most", ctypes.c_uint32)
    request.constraint_units = int(bool(constraint.units))


def _end_all() -> None:
    for owner in list(_running):
        if owner.is_ours:
            lib.gnomon_job_cancel(owner)
            lib.gnomon_job_wait(owner, -1)


# Python must not be called once it is being taken down.
atexit.register(_end_all)
