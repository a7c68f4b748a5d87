"""Questions, answers with their evidence, and judgements on what others say."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import Ask, Contact, Extent, MarginUnit, Measure, Sectors, Side, Step, Unit, ValueKind, Verdict, Why
from .frame import Intrinsics
from .observer import Observer, Thing
from .relation import RelationOptions
from .vocabulary import Vocabulary

__all__ = ["Answer", "AskOptions", "Evidence", "Judgement", "Judgements", "Question", "View"]


@cache
def _defaults() -> native.gnomon_ask_options:
    return handle.filled(native.gnomon_ask_options, lib.gnomon_ask_options_init)


def _default(name: str) -> Any:
    return field(default_factory=lambda: getattr(_defaults(), name))


class View(NamedTuple):
    """The eyes a question is asked through: a camera's pose in gnomon's world (4 x 4), and the camera where questions
    are about places in its picture."""

    world_from_camera: ArrayLike
    intrinsics: Optional[Intrinsics] = None


@dataclass
class AskOptions:
    """How a scene is asked. The defaults are the library's: `print(AskOptions())` shows them.

    view: whose eyes; None: the camera of the newest frame. complete: True when what is not in the scene is not there;
    else what was not seen is unknown, never absent. room_area_m2: of the floor where it is known from elsewhere; 0: it
    is not. least_probability: answers less probable are unknown. tolerance: a measure counts as right within this share
    of the truth. relations: where near, on, inside draw their lines; its observer is not looked at. overlooked:
    probability that one more of a category was overlooked. first_seen_sigma_ns: how much later than its first frame a
    thing may be noticed. label_error: how often a sighting is given a wrong label. floor_edge_sigma_m: how far the room
    may go on beyond the floor that was seen. For `Snapshot.check`: judging_tolerance and judging_loose_tolerance, the
    share of the true number that a told one holds within, plainly and with "about"; judging_slack_m, by which a length
    may be off as well; agree_from, contradict_below: probabilities. vocabulary: which words mean the same; None: those
    gnomon knows.
    """

    view: Optional[View] = None
    complete: bool = False
    room_area_m2: float = _default("room_area_m2")
    least_probability: float = _default("least_probability")
    tolerance: float = _default("tolerance")
    relations: Optional[RelationOptions] = None
    overlooked: float = _default("overlooked")
    first_seen_sigma_ns: float = _default("first_seen_sigma_ns")
    label_error: float = _default("label_error")
    floor_edge_sigma_m: float = _default("floor_edge_sigma_m")
    judging_tolerance: float = _default("judging_tolerance")
    judging_loose_tolerance: float = _default("judging_loose_tolerance")
    judging_slack_m: float = _default("judging_slack_m")
    agree_from: float = _default("agree_from")
    contradict_below: float = _default("contradict_below")
    vocabulary: Optional[Vocabulary] = None

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_ask_options:
        struct = handle.filled(native.gnomon_ask_options, lib.gnomon_ask_options_init)
        convert.put(struct, self, "room_area_m2", "least_probability", "tolerance", "overlooked", "first_seen_sigma_ns")
        convert.put(struct, self, "label_error", "floor_edge_sigma_m", "judging_tolerance", "judging_loose_tolerance")
        convert.put(struct, self, "judging_slack_m", "agree_from", "contradict_below")
        struct.complete = int(bool(self.complete))
        if self.view is not None:
            convert.expect(self.view, View, "view")
            struct.has_view = 1
            struct.view_world_from_camera = convert.pose(self.view.world_from_camera, "view.world_from_camera")
            if self.view.intrinsics is not None:
                struct.view_intrinsics = self.view.intrinsics._native
        if self.vocabulary is not None:
            owner = borrowed.keep(convert.expect(self.vocabulary, Vocabulary, "vocabulary")._use())
            struct.vocabulary = owner._as_parameter_
        if self.relations is not None:
            struct.relations = ctypes.pointer(
                borrowed.keep(convert.expect(self.relations, RelationOptions, "relations")._thresholds())
            )
        return struct


@dataclass
class Question:
    """A question in types; `Ask` tells which things and which fields each kind needs.

    things: by category ("trash bin") or by name ("chair#2"). inverse: farthest, least, less. observer: who looks;
    `Observer.pose` is refused, give it as `AskOptions.view`. unit: in what the answer's text tells lengths. given_m:
    told lengths of things[1:], metres. steps: of a route. options: what may be answered, without letters. point: a
    place in the picture, 0 to 1, x right, y down.
    """

    ask: Ask
    things: Sequence[str] = ()
    measure: Measure = Measure.HEIGHT
    side: Side = Side.LEFT
    sectors: Sectors = Sectors.TWO
    contact: Contact = Contact.ON
    within: Extent = Extent.SCENE
    inverse: bool = False
    observer: Observer = field(default_factory=Observer.camera)
    unit: Unit = Unit.METRE
    given_m: Sequence[float] = ()
    steps: Sequence[Step] = ()
    options: Sequence[str] = ()
    point: tuple[float, float] = (0.0, 0.0)

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_question:
        struct = handle.filled(native.gnomon_question, lib.gnomon_question_init)
        convert.put(struct, self, "ask", "measure", "side", "sectors", "contact", "within", "unit", "point")
        struct.inverse = int(bool(self.inverse))
        struct.observer = convert.expect(self.observer, Observer, "observer").kind
        convert.put(struct, self.observer, "origin", "heading_rad")
        if self.observer.standing_at is not None and self.observer.faces is not None:
            struct.standing_at = borrowed.text(_named(self.observer.standing_at), "observer.standing_at")
            struct.facing = borrowed.text(_named(self.observer.faces), "observer.faces")
        struct.things, struct.things_len = borrowed.texts(self.things, "things")
        struct.options, struct.options_len = borrowed.texts(self.options, "options")
        struct.given_m, struct.given_len = borrowed.numbers(self.given_m, "given_m", ctypes.c_double)
        struct.steps, struct.steps_len = borrowed.numbers(self.steps, "steps", ctypes.c_int32)
        return struct


def _named(thing: Thing) -> str:
    """A thing as a question names it."""
    if isinstance(thing, int):
        raise TypeError(f"a Question names things by name or category, not by id {thing}")
    return thing if isinstance(thing, str) else thing.name


@dataclass(frozen=True)
class Evidence:
    """A thing that an answer rests on: its id and name, the stamps of the first and the newest frame that saw it, and
    how many did."""

    id: int
    name: str
    first_seen_ns: int
    last_seen_ns: int
    observations: int


class Answer(handle.Handle):
    """What was answered, with its evidence. Never changes; any thread; outlives its snapshot.

    Made by `Snapshot.ask`. `str(answer)` is the sentence. Metres throughout, whatever the unit of the question.
    """

    _facts: native.gnomon_answer_facts

    def __init__(self) -> None:
        raise TypeError("an Answer is made by Snapshot.ask()")

    @classmethod
    def _over(cls, owner: handle.Owner) -> Answer:
        new = super()._over(owner)
        new._facts = handle.filled(native.gnomon_answer_facts, lib.gnomon_answer_facts_init)
        handle.check(lib.gnomon_answer_info(owner, ctypes.byref(new._facts)))
        return new

    def _read(self) -> native.gnomon_answer_facts:
        self._use()
        return self._facts

    @property
    def known(self) -> bool:
        """Whether something is answered."""
        return bool(self._read().known)

    @property
    def why(self) -> Why:
        """Why it is unknown; `Why.NONE` where it is not."""
        return Why(self._read().why)

    @property
    def value(self) -> ValueKind:
        """What `numbers` and `words` hold."""
        return ValueKind(self._read().value)

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The value's numbers, metres; empty without. A read-only array over the answer's memory."""
        facts = self._facts
        return handle.window(self._use(), facts.numbers, (facts.numbers_len,), np.float64)

    @property
    def words(self) -> tuple[str, ...]:
        """The value's words; empty without."""
        owner, facts = self._use(), self._facts
        return handle.texts(owner, facts.words, facts.words_len)

    @property
    def option(self) -> Optional[int]:
        """Index of the choice that says so, from 0; None without one."""
        option = self._read().option
        return None if option < 0 else option

    @property
    def probability(self) -> float:
        """Probability that it is right, 0 to 1; of a measure: within `AskOptions.tolerance`."""
        return self._read().probability

    @property
    def margin(self) -> float:
        """How far the world would have to be off for another answer, in `margin_unit`; never negative."""
        return self._read().margin

    @property
    def margin_unit(self) -> MarginUnit:
        """What `margin` counts."""
        return MarginUnit(self._read().margin_unit)

    @property
    def spread(self) -> Optional[tuple[float, float]]:
        """Of a measure: where it lies with 90 % probability, in the units of the numbers."""
        facts = self._read()
        return (facts.spread[0], facts.spread[1]) if facts.has_spread else None

    def evidence(self) -> list[Evidence]:
        """The things it rests on, in the order in which the question names them."""
        owner = self._use()
        structs = handle.rows(native.gnomon_evidence, lib.gnomon_answer_evidence, owner)
        return [Evidence(s.id, handle.text(s.name), s.first_seen_ns, s.last_seen_ns, s.observations) for s in structs]

    @property
    def text(self) -> str:
        """The answer as a sentence: what, how surely, how close the call, from what."""
        return handle.text_of(lib.gnomon_answer_text, self._use())

    @property
    def short(self) -> str:
        """The answer as benchmarks want it: the option's letter, the number in the unit asked for, or the word;
        "unknown" when nothing is said."""
        return handle.text_of(lib.gnomon_answer_short, self._use())

    @property
    def json(self) -> str:
        """The whole answer as JSON, with the question as it was understood."""
        return handle.text_of(lib.gnomon_answer_json, self._use())

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Judgement:
    """A statement with its verdict.

    statement: the words judged. sentence: the judgement in one line of prose. measured: what the map says instead or as
    well, with its unit ("0.370 m", "left", "yes"); empty where it says nothing. reason: why it is untestable.
    probability: that the statement is true, or None where the map cannot tell. margin: how far the world would have to
    be off for another measured answer, in margin_unit; never negative.
    """

    statement: str
    sentence: str
    measured: str
    verdict: Verdict
    reason: Why
    probability: Optional[float]
    margin: float
    margin_unit: MarginUnit

    def __str__(self) -> str:
        return self.sentence

    @classmethod
    def _of(cls, struct: native.gnomon_judgement) -> Judgement:
        return cls(
            statement=handle.text(struct.statement),
            sentence=handle.text(struct.sentence),
            measured=handle.text(struct.measured),
            verdict=Verdict(struct.verdict),
            reason=Why(struct.reason),
            probability=struct.probability if struct.has_probability else None,
            margin=struct.margin,
            margin_unit=MarginUnit(struct.margin_unit),
        )


class Judgements(handle.Handle):
    """Statements with their verdicts, in the order of the text. Never changes; any thread; outlives its snapshot.

    Made by `Snapshot.check`. Iterate over it, index it, ask for its length.
    """

    def __init__(self) -> None:
        raise TypeError("Judgements are made by Snapshot.check()")

    def __iter__(self) -> Iterator[Judgement]:
        owner = self._use()
        structs = handle.rows(native.gnomon_judgement, lib.gnomon_judgements_list, owner)
        return iter([Judgement._of(struct) for struct in structs])

    def __len__(self) -> int:
        n = ctypes.c_size_t()
        handle.check(lib.gnomon_judgements_list(self._use(), None, 0, ctypes.byref(n)))
        return n.value

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, at: int) -> Judgement:
        return list(self)[at]

    @property
    def json(self) -> str:
        """The judgements as a JSON array, each with the claim as it was understood, the measured value and its
        evidence."""
        return handle.text_of(lib.gnomon_judgements_json, self._use())
