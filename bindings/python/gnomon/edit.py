"""What an operator says of things, and where a scene comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from .box import Box
from .codes import EditKind

__all__ = ["Edit", "EditRecord", "Provenance"]


@dataclass(frozen=True)
class Edit:
    """What an operator says of one thing, for `Scene.edit` and `Snapshot.edit`.

    thing: its id; names are looked up with `snapshot.object(name).id`. who: who says it, in your words; stamp_ns: when,
    on your clock. The class methods make one of each kind.
    """

    kind: EditKind
    thing: int
    who: str
    stamp_ns: int = 0
    word: str = ""
    into: Optional[int] = None
    box: Optional[Box] = None

    @classmethod
    def rename(cls, thing: int, name: str, who: str, stamp_ns: int = 0) -> Edit:
        """It has this name from now on, which has no "#" and no other has."""
        return cls(EditKind.RENAME, thing, who, stamp_ns, word=name)

    @classmethod
    def relabel(cls, thing: int, label: str, who: str, stamp_ns: int = 0) -> Edit:
        """It is one of these, whatever detectors call it."""
        return cls(EditKind.RELABEL, thing, who, stamp_ns, word=label)

    @classmethod
    def delete(cls, thing: int, who: str, stamp_ns: int = 0) -> Edit:
        """It is none."""
        return cls(EditKind.DELETE, thing, who, stamp_ns)

    @classmethod
    def merge(cls, thing: int, into: int, who: str, stamp_ns: int = 0) -> Edit:
        """It is one with the thing `into`, which lives on."""
        return cls(EditKind.MERGE, thing, who, stamp_ns, into=into)

    @classmethod
    def pin(cls, thing: int, box: Box, who: str, stamp_ns: int = 0) -> Edit:
        """It stands exactly here, in gnomon's world."""
        return cls(EditKind.PIN, thing, who, stamp_ns, box=box)

    @classmethod
    def unpin(cls, thing: int, who: str, stamp_ns: int = 0) -> Edit:
        """It is where frames see it, again."""
        return cls(EditKind.UNPIN, thing, who, stamp_ns)

    def _native(self, borrowed: convert.Borrowed) -> native.gnomon_edit:
        struct = native.gnomon_edit()
        convert.put(struct, self, "kind", "thing", "stamp_ns")
        struct.who = borrowed.text(self.who, "who")
        if self.word:
            struct.word = borrowed.text(self.word, "word")
        if self.into is not None:
            convert.put(struct, self, "into")
        if self.box is not None:
            struct.obb = convert.expect(self.box, Box, "box")._struct
        return struct


class EditRecord(NamedTuple):
    """An edit with its sequence number, which rises by one from edit to edit."""

    sequence: int
    edit: Edit

    @classmethod
    def _of(cls, struct: native.gnomon_edit) -> EditRecord:
        kind = EditKind(struct.kind)
        edit = Edit(
            kind=kind,
            thing=struct.thing,
            who=handle.text(struct.who),
            stamp_ns=struct.stamp_ns,
            word=handle.text(struct.word),
            into=struct.into if kind == EditKind.MERGE else None,
            box=Box._of(struct.obb) if kind == EditKind.PIN else None,
        )
        return cls(struct.sequence, edit)


class Provenance(NamedTuple):
    """Where a scene comes from, and what fell out of its rings.

    version: of the gnomon that took the frames in, empty where it is not known. inputs: what went in, as
    `Scene.set_inputs` named it. first_stamp_ns: of the first frame, None before it. edits: how many are remembered, at
    most 1024; edits_forgotten, events_forgotten, keyframes_forgotten: how many fell out.
    """

    version: str
    inputs: tuple[str, ...]
    first_stamp_ns: Optional[int]
    edits: int
    edits_forgotten: int
    events_forgotten: int
    keyframes_forgotten: int
