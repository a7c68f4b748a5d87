"""Log lines of the library, into Python's `logging` or to a function of yours."""

from __future__ import annotations

import atexit
import ctypes
import logging
from typing import Any, Callable, Optional

from . import _convert as convert
from . import _handle as handle
from . import _native as native
from ._library import lib
from .codes import LogLevel

__all__ = ["recent_log", "set_log"]

PYTHON_LEVELS = {
    native.GNOMON_LOG_ERROR: logging.ERROR,
    native.GNOMON_LOG_WARN: logging.WARNING,
    native.GNOMON_LOG_INFO: logging.INFO,
    native.GNOMON_LOG_DEBUG: logging.DEBUG,
    native.GNOMON_LOG_TRACE: logging.DEBUG // 2,
}

LogFunction = Callable[[LogLevel, str, str], None]

# The callback that the library has now: ctypes frees one that nobody holds.
_held: Any = None


def to_logging(level: LogLevel, target: str, text: str) -> None:
    """Passes a line on to the logger named after its target: "gnomon::scene" becomes "gnomon.scene"."""
    logging.getLogger(target.replace("::", ".")).log(PYTHON_LEVELS.get(level, logging.DEBUG), "%s", text)


def set_log(level: LogLevel, to: Optional[LogFunction] = None) -> None:
    """Sends log lines up to level into Python's `logging`, or to a function (level, target, text). `LogLevel.OFF` ends
    it.

    Process-wide; nothing is logged before the first call. Lines arrive on the thread that logs, inside the call that
    logs: another call on the same scene from there gets a `BusyError`, and `set_log` from there a `StateError`. What
    the function raises is raised by the call that logged, once it is done; what it did is done. Loggers are named after
    the parts of the library ("gnomon.scene"); `LogLevel.TRACE` is 5.
    """
    global _held
    number = convert.integer(level, "level", ctypes.c_int32)
    if number == native.GNOMON_LOG_OFF:
        callback = native.gnomon_log_fn()
    else:
        callback = native.gnomon_log_fn(_caller(to_logging if to is None else to))
    status = lib.gnomon_set_log(callback, None, number)
    if status >= 0:
        _held = callback
    handle.check(status)


def recent_log() -> tuple[str, ...]:
    """The last lines, at most 256, that ONNX Runtime and gnomon's networks wrote to the log in this process, oldest
    first: "WARN onnxruntime: ...". They are kept whether or not `set_log` was called."""
    owner = handle.make(native.gnomon_text, lib.gnomon_text_free, lib.gnomon_recent_log)
    return tuple(handle.text_of(lib.gnomon_text_view, owner).split("\n")[:-1])


def _caller(function: LogFunction) -> Callable[..., None]:
    def call(_: Optional[int], level: int, target: native.gnomon_str, text: native.gnomon_str) -> None:
        try:
            function(LogLevel(level), handle.text(target), handle.text(text))
        except BaseException as exception:
            handle.keep(exception)

    return call


# Python must not be called once it is being taken down.
atexit.register(lambda: set_log(LogLevel.OFF) if _held is not None else None)
