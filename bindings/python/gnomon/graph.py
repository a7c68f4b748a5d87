"""Relations of one scene, kept up to date as things change."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Optional

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import MarginUnit, RelationKind
from .relation import RelationOptions
from .snapshot import Snapshot

__all__ = ["GraphChange", "GraphOptions", "GraphRelation", "GraphReport", "RelationGraph"]


@cache
def _defaults() -> native.gnomon_graph_options:
    return handle.filled(native.gnomon_graph_options, lib.gnomon_graph_options_init)


@dataclass
class GraphOptions:
    """What a graph compares. The defaults are the library's.

    reach_m: how far apart two things may be, along each axis, to be compared, at most 100 m, and no less than the gaps
    of what is near, touching and on. relations: the thresholds; its observer is not looked at.
    """

    reach_m: float = field(default_factory=lambda: _defaults().reach_m)
    relations: Optional[RelationOptions] = None

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_graph_options:
        struct = handle.filled(native.gnomon_graph_options, lib.gnomon_graph_options_init)
        convert.put(struct, self, "reach_m")
        if self.relations is not None:
            given = convert.expect(self.relations, RelationOptions, "relations")
            struct.relations = ctypes.pointer(borrowed.keep(given._thresholds()))
        return struct


class GraphRelation(NamedTuple):
    """A relation that holds: what the thing with id a is to b, and how far from not holding; never negative."""

    a: int
    b: int
    kind: RelationKind
    margin: float
    margin_unit: MarginUnit

    @classmethod
    def _of(cls, struct: native.gnomon_graph_relation) -> GraphRelation:
        return cls(struct.a, struct.b, RelationKind(struct.kind), struct.margin, MarginUnit(struct.margin_unit))


class GraphChange(NamedTuple):
    """A relation that began or ended; of one that ended, as it last was."""

    relation: GraphRelation
    began: bool


class GraphReport(NamedTuple):
    """What an update did: things that are new or whose box changed, things that are gone, pairs compared, relations
    that began and ended."""

    things_changed: int
    things_removed: int
    pairs_compared: int
    began: int
    ended: int


class RelationGraph(handle.Handle):
    """Relations of one scene that need no observer, for one writer.

    Any thread, one `update` at a time (a second one gets a `BusyError`); the lists at any time.
    """

    def __init__(self, options: Optional[GraphOptions] = None) -> None:
        self._owner = None
        borrowed = convert.Borrowed()
        given = ctypes.byref(convert.chosen(options, GraphOptions)._native(borrowed))
        self._owner = handle.make(
            native.gnomon_relation_graph, lib.gnomon_relation_graph_free, lib.gnomon_relation_graph_new, given
        )

    def update(self, snapshot: Snapshot) -> GraphReport:
        """Brings the graph up to what the snapshot shows; only what changed is compared anew. Give it snapshots of one
        scene, in their order."""
        report = handle.filled(native.gnomon_graph_report, lib.gnomon_graph_report_init)
        theirs = convert.expect(snapshot, Snapshot, "snapshot")._use()
        handle.check(lib.gnomon_relation_graph_update(self._use(), theirs, ctypes.byref(report)))
        return GraphReport(
            report.things_changed, report.things_removed, report.pairs_compared, report.began, report.ended
        )

    def relations(self) -> list[GraphRelation]:
        """Every relation that holds after the newest update, by ascending a, b, kind; touching and near once, from the
        smaller id to the larger."""
        structs = handle.rows(native.gnomon_graph_relation, lib.gnomon_relation_graph_list, self._use())
        return [GraphRelation._of(struct) for struct in structs]

    def changes(self) -> list[GraphChange]:
        """What began and what ended with the newest update, by ascending a, b, kind."""
        structs = handle.rows(native.gnomon_graph_change, lib.gnomon_relation_graph_changes, self._use())
        return [GraphChange(GraphRelation._of(struct.relation), bool(struct.began)) for struct in structs]
