"""Relations between things, with how far each is from not holding."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Callable, NamedTuple

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import Axis, MarginUnit
from .observer import Observer, Thing

__all__ = ["Relation", "RelationOptions"]


@cache
def _defaults() -> native.gnomon_relation_options:
    return handle.filled(native.gnomon_relation_options, lib.gnomon_relation_options_init)


def _default(name: str) -> Any:
    return field(default_factory=lambda: getattr(_defaults(), name))


@dataclass
class RelationOptions:
    """Where relations draw their lines, and who looks. The defaults are the library's.

    observer: for left, right, front, behind. front: which of a box's directions is its front, for facing. side_overlap:
    left, right, front, behind, how much of the narrower extent may overlap, 0 to 1. on_gap_m: on, how far the lowest
    point may be from the top. height_slack_m: under, above, below, how far heights may overlap. inside_slack_m: how far
    out a corner may stand. touching_m, near_m: the widest gap. larger_ratio: the least ratio of volumes. taller_m: the
    least difference. facing_rad: the widest angle from the front to what is faced.
    """

    observer: Observer = field(default_factory=Observer.camera)
    front: Axis = field(default_factory=lambda: Axis(_defaults().front))
    side_overlap: float = _default("side_overlap")
    on_gap_m: float = _default("on_gap_m")
    height_slack_m: float = _default("height_slack_m")
    inside_slack_m: float = _default("inside_slack_m")
    touching_m: float = _default("touching_m")
    near_m: float = _default("near_m")
    larger_ratio: float = _default("larger_ratio")
    taller_m: float = _default("taller_m")
    facing_rad: float = _default("facing_rad")

    def _native(self, id_of: Callable[[Thing], int]) -> native.gnomon_relation_options:
        struct = self._thresholds()
        convert.expect(self.observer, Observer, "observer")._fill(struct, id_of)
        return struct

    def _thresholds(self) -> native.gnomon_relation_options:
        struct = handle.filled(native.gnomon_relation_options, lib.gnomon_relation_options_init)
        convert.put(struct, self, "front", "side_overlap", "on_gap_m", "height_slack_m", "inside_slack_m", "touching_m")
        convert.put(struct, self, "near_m", "larger_ratio", "taller_m", "facing_rad")
        return struct


class Relation(NamedTuple):
    """Whether a relation holds, and by how much; true and false as `holds` is.

    margin: how far from the border of the answer, in margin_unit; negative where it does not hold.
    """

    holds: bool
    margin: float
    margin_unit: MarginUnit

    def __bool__(self) -> bool:
        return self.holds

    @classmethod
    def _of(cls, struct: native.gnomon_relation) -> Relation:
        return cls(bool(struct.holds), struct.margin, MarginUnit(struct.margin_unit))
