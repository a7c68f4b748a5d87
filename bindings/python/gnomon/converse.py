"""Asking a scene and a vision-language model together: two answers, and whether the map agrees with the model's."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Optional

from numpy.typing import ArrayLike

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .answer import Answer, AskOptions
from .codes import Ended, FactsTold, Silence, Status, ValueKind, Verdict, WhenBusy
from .frame import Frame
from .snapshot import Snapshot
from .vlm import ReplyStatistics, Sampling, Vlm

__all__ = ["Album", "AlbumOptions", "ConverseOptions", "Conversed", "Said", "ask_with_model"]


@cache
def _album_defaults() -> native.gnomon_album_options:
    return handle.filled(native.gnomon_album_options, lib.gnomon_album_options_init)


@cache
def _defaults() -> native.gnomon_converse_options:
    return handle.filled(native.gnomon_converse_options, lib.gnomon_converse_options_init)


@dataclass
class AlbumOptions:
    """Which pictures are kept. The defaults are the library's.

    count: how many, the newest aside. A frame is looked at when the camera moved least_shift_m, turned least_turn_deg,
    or stood most_wait_ns since the last that was looked at.
    """

    count: int = field(default_factory=lambda: _album_defaults().count)
    least_shift_m: float = field(default_factory=lambda: _album_defaults().least_shift_m)
    least_turn_deg: float = field(default_factory=lambda: _album_defaults().least_turn_deg)
    most_wait_ns: int = field(default_factory=lambda: _album_defaults().most_wait_ns)

    def _native(self) -> native.gnomon_album_options:
        struct = handle.filled(native.gnomon_album_options, lib.gnomon_album_options_init)
        convert.put(struct, self, "count", "least_shift_m", "least_turn_deg", "most_wait_ns")
        return struct


class Album(handle.Handle):
    """Keeps those pictures of all that it is offered that together see the most of the place, and the newest.

    Any thread, one call that changes it at a time (a second one gets a `BusyError`); its length at any time.
    """

    def __init__(self, options: Optional[AlbumOptions] = None) -> None:
        self._owner = None
        given = ctypes.byref(convert.chosen(options, AlbumOptions)._native())
        self._owner = handle.make(native.gnomon_album, lib.gnomon_album_free, lib.gnomon_album_new, given)

    def offer(self, number: int, frame: Frame) -> bool:
        """Offers a frame with a picture, under a number that rises, its pose in the world of the scene's frames. True
        where its picture is there now, which copies it; else the camera stands where it stood."""
        borrowed = convert.Borrowed()
        theirs = convert.expect(frame, Frame, "frame")._native(borrowed)
        given, out = convert.integer(number, "number", ctypes.c_uint64), ctypes.c_uint32()
        handle.check(lib.gnomon_album_offer(self._use(), given, ctypes.byref(theirs), ctypes.byref(out)))
        return bool(out.value)

    def correct(self, number: int, world_from_camera: ArrayLike) -> bool:
        """Corrects where the picture of this number was taken, as a closed loop tells it: 4 x 4. True where it is
        there."""
        pose = convert.pose(world_from_camera, "world_from_camera")
        given, out = convert.integer(number, "number", ctypes.c_uint64), ctypes.c_uint32()
        handle.check(lib.gnomon_album_correct(self._use(), given, pose, ctypes.byref(out)))
        return bool(out.value)

    def __len__(self) -> int:
        """How many pictures there are."""
        out = ctypes.c_size_t()
        handle.check(lib.gnomon_album_count(self._use(), ctypes.byref(out)))
        return out.value

    def __bool__(self) -> bool:
        return True


@dataclass
class ConverseOptions:
    """How a scene and a model are asked together. The defaults are the library's.

    ask: how geometry is asked, and judges. images: the most pictures that the model is shown. text_tokens: the most of
    the prompt's text. new_tokens: the most of the reply. facts: what of geometry the model is told. within_ns: the
    longest wait for the model, the time in line included. sampling: how its tokens are picked. when_busy: what to do
    while it answers another request.
    """

    ask: AskOptions = field(default_factory=AskOptions)
    images: int = field(default_factory=lambda: _defaults().images)
    text_tokens: int = field(default_factory=lambda: _defaults().text_tokens)
    new_tokens: int = field(default_factory=lambda: _defaults().new_tokens)
    facts: FactsTold = FactsTold.SCENE
    within_ns: int = field(default_factory=lambda: _defaults().within_ns)
    sampling: Sampling = field(default_factory=Sampling)
    when_busy: WhenBusy = WhenBusy.QUEUE

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_converse_options:
        struct = handle.filled(native.gnomon_converse_options, lib.gnomon_converse_options_init)
        asked = borrowed.keep(convert.expect(self.ask, AskOptions, "ask")._native(borrowed))
        struct.ask = ctypes.pointer(asked)
        convert.put(struct, self, "images", "text_tokens", "new_tokens", "facts", "within_ns", "when_busy")
        sampling: Any = convert.expect(self.sampling, Sampling, "sampling")
        convert.put(struct, sampling, *Sampling.__dataclass_fields__)
        return struct


@dataclass(frozen=True)
class Said:
    """What a model said to a question.

    words: those until then where it failed; empty without any. silence: why there is nothing of it; failure: the status
    that it failed with, else None. verdict: what the map says of its words. value: the kind of value that they give,
    number: its first number, metres for lengths, 1 or 0 for yes or no. option: index of the option that they choose, or
    None. images: how many pictures it was shown. text_tokens: of the prompt's text.
    """

    words: str
    silence: Silence
    failure: Optional[Status]
    verdict: Verdict
    value: ValueKind
    number: float
    option: Optional[int]
    ended: Ended
    images: int
    text_tokens: int
    statistics: ReplyStatistics


class Conversed(NamedTuple):
    """Two answers to one question: geometry's, and what a model said, with the map's verdict; and all of it as JSON,
    with the prompt, the pictures and what was judged."""

    answer: Answer
    said: Said
    json: str


def ask_with_model(
    snapshot: Snapshot,
    album: Album,
    vlm: Optional[Vlm],
    question: str,
    choices: Sequence[str] = (),
    options: Optional[ConverseOptions] = None,
) -> Conversed:
    """Asks a scene in words, and with it a model, which is shown pictures of the album; without a model geometry
    answers alone. Waits for the model, `options.within_ns` at most; what it does wrong is told in `Said.silence`, not
    raised."""
    borrowed = convert.Borrowed()
    given = convert.chosen(options, ConverseOptions)._native(borrowed)
    offered, n = borrowed.texts(choices, "choices")
    facts = handle.filled(native.gnomon_said_facts, lib.gnomon_said_facts_init)
    words, json = native.gnomon_text(), native.gnomon_text()

    def call(*arguments: Any) -> int:
        # The answer's place is the last argument of a call that makes a handle.
        *others, answer = arguments
        status: int = lib.gnomon_ask_with_model(*others, answer, ctypes.byref(words), ctypes.byref(json))
        return status

    owner = handle.make(
        native.gnomon_answer,
        lib.gnomon_answer_free,
        call,
        convert.expect(snapshot, Snapshot, "snapshot")._use(),
        convert.expect(album, Album, "album")._use(),
        None if vlm is None else convert.expect(vlm, Vlm, "vlm")._use(),
        borrowed.text(question, "question"),
        offered,
        n,
        ctypes.byref(given),
        ctypes.byref(facts),
    )
    texts = [handle.Owner(text, lib.gnomon_text_free) for text in (words, json)]
    told = [handle.text_of(lib.gnomon_text_view, text) for text in texts]
    silence = Silence(facts.silence)
    said = Said(
        words=told[0],
        silence=silence,
        failure=Status(facts.failure) if silence == Silence.FAILED else None,
        verdict=Verdict(facts.verdict),
        value=ValueKind(facts.value),
        number=facts.number,
        option=None if facts.option < 0 else facts.option,
        ended=Ended(facts.ended),
        images=facts.images,
        text_tokens=facts.text_tokens,
        statistics=ReplyStatistics(**{name: getattr(facts.statistics, name) for name in ReplyStatistics._fields}),
    )
    return Conversed(Answer._over(owner), said, told[1])
