"""How handles live, and how calls are made.

An `Owner` holds one C handle and frees it when nobody looks into it any more: the Python object that stands for it lets
go in `close()`, a call that runs in another thread and an array over the handle's memory hold on. So nothing is ever
freed under somebody's feet, and `close()` may be called at any time.

A forked child has a copy of the parent's handles whose locks may be held for ever: they are not used there, and not
freed.
"""

from __future__ import annotations

import ctypes
import os
import threading
from types import TracebackType
from typing import Any, Callable, Optional, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import _convert as convert
from . import _native as native
from . import errors

H = TypeVar("H", bound="Handle")
S = TypeVar("S", bound=ctypes.Structure)


class _Kept(threading.local):
    """An exception of a callback on this thread, until the call that called it has returned."""

    exception: Optional[BaseException] = None


_kept = _Kept()


def keep(exception: BaseException) -> None:
    """Called in a callback: the first exception is raised once the call into the library has returned."""
    if _kept.exception is None:
        _kept.exception = exception


def check(status: int) -> None:
    """Raises what a callback raised during the call; else what the library says went wrong."""
    exception = _kept.exception
    if exception is not None:
        _kept.exception = None
        raise exception
    if status < 0:
        raise errors.of(status)


class Owner:
    """One C handle, freed when the last reference goes. Passed to a function, it is the handle."""

    __slots__ = ("__weakref__", "_as_parameter_", "_free", "_process")

    def __init__(self, handle: ctypes.c_void_p, free: Callable[..., None]) -> None:
        self._as_parameter_ = handle
        self._free = free
        self._process = os.getpid()

    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if self._process == getpid():
            self._free(self._as_parameter_)

    @property
    def is_ours(self) -> bool:
        """False in a process that was forked off since."""
        return self._process == os.getpid()


def make(
    kind: type[ctypes.c_void_p], free: Callable[..., None], function: Callable[..., int], *arguments: Any
) -> Owner:
    """Calls a function whose last argument takes a new handle."""
    out = kind()
    status = function(*arguments, ctypes.byref(out))
    owner = Owner(out, free) if out else None
    check(status)
    assert owner is not None, "a call that works gives a handle"
    return owner


class Handle:
    """What `Scene`, `Snapshot` and the others have in common: `close()`, `with`, and an end of their own."""

    _owner: Optional[Owner]

    def _use(self) -> Owner:
        """The handle, for one call."""
        owner = self._owner
        if owner is None:
            raise errors.ClosedError(f"this {type(self).__name__} is already closed")
        if not owner.is_ours:
            raise errors.ForkedError(
                f"this {type(self).__name__} was made before the process was forked: it belongs to the parent. "
                "Make a new one in the child, or start the child with multiprocessing's 'spawn'"
            )
        return owner

    @classmethod
    def _over(cls: type[H], owner: Owner) -> H:
        new = cls.__new__(cls)
        new._owner = owner
        return new

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._owner is None

    def close(self) -> None:
        """Lets go of the handle; its memory is freed once no array over it and no running call is left. Twice is
        fine."""
        self._owner = None

    def __enter__(self: H) -> H:
        self._use()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        exception: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"a {type(self).__name__} is a handle into this process and cannot be pickled or copied")

    def __repr__(self) -> str:
        return f"<gnomon.{type(self).__name__}{' (closed)' if self.closed else ''}>"


def filled(kind: type[S], init: Callable[..., None]) -> S:
    """A struct with the library's defaults: GNOMON_INIT, of which the first is kept for the others."""
    defaults = _DEFAULTS.get(kind)
    if defaults is None:
        struct: Any = kind()
        init(ctypes.byref(struct), ctypes.sizeof(kind))
        struct.abi_version = native.GNOMON_ABI_VERSION
        defaults = _DEFAULTS[kind] = bytes(struct)
    return kind.from_buffer_copy(defaults)


_DEFAULTS: dict[type[ctypes.Structure], bytes] = {}


def rows(kind: type[S], function: Callable[..., int], *arguments: Any) -> ctypes.Array[S]:
    """Every element of a list that is asked for twice: how many, then which."""
    n = ctypes.c_size_t(0)
    check(function(*arguments, None, ctypes.sizeof(kind), ctypes.byref(n)))
    items = (kind * n.value)()
    if n.value:
        check(function(*arguments, items, ctypes.sizeof(kind), ctypes.byref(n)))
    return items


def table(kind: type[ctypes.Structure], function: Callable[..., int], *arguments: Any) -> NDArray[Any]:
    """The numbers of every element, in an array that the library fills."""
    n = ctypes.c_size_t(0)
    check(function(*arguments, None, ctypes.sizeof(kind), ctypes.byref(n)))
    out = np.zeros(n.value, convert.table_dtype(kind))
    if n.value:
        room = ctypes.cast(out.ctypes.data, ctypes.POINTER(kind))
        check(function(*arguments, room, ctypes.sizeof(kind), ctypes.byref(n)))
    return out


def text(view: native.gnomon_str) -> str:
    """A copy of a text of the library."""
    return ctypes.string_at(view.data, view.len).decode() if view.data and view.len else ""


def texts(owner: Owner, views: Any, length: int) -> tuple[str, ...]:
    """Copies of texts in a handle's memory; the owner is held until they are made."""
    return tuple(text(views[at]) for at in range(length))


def text_of(function: Callable[..., int], owner: Owner) -> str:
    """The text that a function gives of a handle."""
    view = native.gnomon_str()
    check(function(owner, ctypes.byref(view)))
    return text(view)


class _Window:
    """Memory of a handle, for numpy; whoever looks through it holds the handle."""

    def __init__(self, owner: Owner, address: int, shape: tuple[int, ...], kind: type[np.generic]) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "typestr": np.dtype(kind).str,
            "shape": shape,
            "data": (address, True),
        }


def window(owner: Owner, pointer: Any, shape: tuple[int, ...], kind: type[np.generic]) -> NDArray[Any]:
    """A read-only array over memory of the library, without a copy; NULL is an empty array."""
    address = ctypes.cast(pointer, ctypes.c_void_p).value
    if not address or 0 in shape:
        return np.empty(shape, kind)
    return np.asarray(_Window(owner, address, shape, kind))
