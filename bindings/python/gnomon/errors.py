"""What can go wrong, one exception a status. Each keeps the library's sentence and its status."""

from __future__ import annotations

from . import _native as native
from ._library import LibraryError, lib
from .codes import Status

__all__ = [
    "AbiError",
    "ArgumentError",
    "BusyError",
    "CancelledError",
    "ClosedError",
    "DeviceError",
    "Error",
    "ForkedError",
    "InferenceRuntimeError",
    "InternalError",
    "IoError",
    "LibraryError",
    "ModelError",
    "NoMemoryError",
    "StateError",
    "UnsupportedError",
]


class Error(Exception):
    """A call failed. `str(error)` is the sentence that tells why, `status` the library's code."""

    status: Status = Status.FAIL

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        if status is not None:
            self.status = Status(status)

    @property
    def status_name(self) -> str:
        """The status as the library spells it: "GNOMON_E_BUSY"."""
        return lib.gnomon_status_name(int(self.status)).decode()

    def __reduce__(self) -> tuple[type[Error], tuple[str, int]]:
        return type(self), (str(self), int(self.status))


class ArgumentError(Error, ValueError):
    """An argument cannot be meant."""

    status = Status.ARGUMENT


class AbiError(Error):
    """Package and library do not match."""

    status = Status.ABI


class StateError(Error):
    """Does not fit the present state: no such id, an old stamp."""

    status = Status.STATE


class ClosedError(StateError):
    """The handle was closed."""


class ForkedError(StateError):
    """The handle was made before this process was forked off; it belongs to the parent."""


class NoMemoryError(Error, MemoryError):
    """No memory for what was asked."""

    status = Status.NOMEM


class IoError(Error):
    """A file could not be read or written."""

    status = Status.IO


class ModelError(Error):
    """A model folder does not hold what it must."""

    status = Status.MODEL


class InferenceRuntimeError(Error):
    """No usable inference runtime."""

    status = Status.RUNTIME


class DeviceError(Error):
    """The device asked for is not there."""

    status = Status.DEVICE


class CancelledError(Error):
    """Cancelled by the caller."""

    status = Status.CANCELLED


class UnsupportedError(Error):
    """Valid, but not offered by this library."""

    status = Status.UNSUPPORTED


class InternalError(Error):
    """An inner failure; the handle it happened on is unusable, close it."""

    status = Status.PANIC


class BusyError(Error):
    """Another call that changes this handle is running. Nothing was changed: call again later."""

    status = Status.BUSY


BY_STATUS: dict[int, type[Error]] = {
    native.GNOMON_E_FAIL: Error,
    native.GNOMON_E_ARGUMENT: ArgumentError,
    native.GNOMON_E_ABI: AbiError,
    native.GNOMON_E_STATE: StateError,
    native.GNOMON_E_NOMEM: NoMemoryError,
    native.GNOMON_E_IO: IoError,
    native.GNOMON_E_MODEL: ModelError,
    native.GNOMON_E_RUNTIME: InferenceRuntimeError,
    native.GNOMON_E_DEVICE: DeviceError,
    native.GNOMON_E_CANCELLED: CancelledError,
    native.GNOMON_E_UNSUPPORTED: UnsupportedError,
    native.GNOMON_E_PANIC: InternalError,
    native.GNOMON_E_BUSY: BusyError,
}


def of(status: int) -> Error:
    """The exception for the newest call of this thread, which came to this status."""
    sentence = lib.gnomon_last_error().decode("utf-8", "replace")
    return BY_STATUS.get(status, Error)(sentence or f"the call came to status {status}", status)
