"""Groups of words that mean the same."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib

__all__ = ["Vocabulary"]


class Vocabulary(handle.Handle):
    """Groups of words that mean the same, for `AskOptions.vocabulary`.

    Any thread, one `add` at a time (a second one gets a `BusyError`). common: begin with the words that gnomon knows
    ("couch" for "sofa"), or empty.
    """

    def __init__(self, common: bool = True) -> None:
        self._owner = None
        self._owner = handle.make(
            native.gnomon_vocabulary, lib.gnomon_vocabulary_free, lib.gnomon_vocabulary_new, int(bool(common))
        )

    def add(self, words: Sequence[str]) -> None:
        """Adds 2 to 256 words that mean the same: names of categories, in singular or plural. On failure nothing is
        added."""
        borrowed = convert.Borrowed()
        views, n = borrowed.texts(words, "words")
        handle.check(lib.gnomon_vocabulary_add(self._use(), views, ctypes.c_size_t(n)))
