"""A scene told as triplets, line by line."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Optional, Union

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import ChainOrder
from .snapshot import Snapshot

__all__ = ["Chain", "ChainOptions", "ChainUpdate"]


@cache
def _defaults() -> native.gnomon_chain_options:
    return handle.filled(native.gnomon_chain_options, lib.gnomon_chain_options_init)


def _default(name: str) -> Any:
    return field(default_factory=lambda: getattr(_defaults(), name))


@dataclass
class ChainOptions:
    """How a chain is built and written. The defaults are the library's.

    order: in which things are placed. units: lines tell the size of their cells. neighbours: how many of the nearest
    things may place the next, 2 to 64. least_bound_m: a smaller move is never told; most_bound_m: a larger one always
    is; sigmas: standard deviations of a thing's place that count as no news.
    """

    order: ChainOrder = field(default_factory=lambda: ChainOrder(_defaults().order))
    units: bool = True
    neighbours: int = _default("neighbours")
    least_bound_m: float = _default("least_bound_m")
    sigmas: float = _default("sigmas")
    most_bound_m: float = _default("most_bound_m")

    def _native(self) -> native.gnomon_chain_options:
        struct = handle.filled(native.gnomon_chain_options, lib.gnomon_chain_options_init)
        convert.put(struct, self, "order", "neighbours", "least_bound_m", "sigmas", "most_bound_m")
        struct.units = int(bool(self.units))
        return struct


class ChainUpdate(NamedTuple):
    """How many lines a chain has, and how many of them are new or differ from before."""

    lines: int
    changed: int


class Chain(handle.Handle):
    """A scene told as triplets, for one writer: lines of things that did not change keep their bytes.

    Any thread, one `update` at a time (a second one gets a `BusyError`); `text` at any time. Depends on no other
    handle.
    """

    def __init__(self, options: Optional[ChainOptions] = None) -> None:
        self._owner = None
        given = ctypes.byref(convert.chosen(options, ChainOptions)._native())
        self._owner = handle.make(native.gnomon_chain, lib.gnomon_chain_free, lib.gnomon_chain_new, given)

    @staticmethod
    def load(path: Union[str, os.PathLike[str]], options: Optional[ChainOptions] = None) -> Chain:
        """The chain that `Snapshot.save` saved with a scene, with the lines it had. The bounds of the options are not
        looked at: the file has those that were used. StateError where none was saved."""
        borrowed = convert.Borrowed()
        text = borrowed.text(convert.path(path), "path")
        given = ctypes.byref(convert.chosen(options, ChainOptions)._native())
        return Chain._over(handle.make(native.gnomon_chain, lib.gnomon_chain_free, lib.gnomon_chain_load, text, given))

    def update(self, snapshot: Snapshot) -> ChainUpdate:
        """Brings the chain up to what the snapshot shows. Give it snapshots of one scene, in their order. On failure
        the chain is as it was."""
        changed, lines = ctypes.c_size_t(), ctypes.c_size_t()
        handle.check(
            lib.gnomon_chain_update(
                self._use(),
                convert.expect(snapshot, Snapshot, "snapshot")._use(),
                ctypes.byref(changed),
                ctypes.byref(lines),
            )
        )
        return ChainUpdate(lines.value, changed.value)

    @property
    def text(self) -> str:
        """The lines after the newest update, each with its line break."""
        owner = handle.make(native.gnomon_text, lib.gnomon_text_free, lib.gnomon_chain_text, self._use())
        return handle.text_of(lib.gnomon_text_view, owner)

    def __str__(self) -> str:
        return self.text
