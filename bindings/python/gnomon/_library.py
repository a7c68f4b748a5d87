"""Finds the shared object, loads it, and checks that it fits this package.

Looked for in this order: the file that the environment variable GNOMON_LIBRARY names (and then nowhere else), beside
this package, where the loader looks.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from . import _native as native

FILE_NAME = f"libgnomon.so.{native.GNOMON_ABI_VERSION}"
VARIABLE = "GNOMON_LIBRARY"


class LibraryError(ImportError):
    """The shared object cannot be found, cannot be loaded, or does not fit this package."""


def candidates() -> list[str]:
    """Where the shared object is looked for, first to last. A bare name is left to the loader."""
    named = os.environ.get(VARIABLE)
    if named:
        return [named]
    return [str(Path(__file__).resolve().parent / FILE_NAME), FILE_NAME]


def load() -> tuple[native.Functions, str]:
    """The functions of the first shared object that loads, and the name it was loaded by."""
    reasons = []
    for path in candidates():
        is_file = os.sep in path
        if is_file and not Path(path).is_file():
            reasons.append(f"{path}: no such file")
            continue
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            reasons.append(f"{path}: {error}" if is_file else f"{path}, where the loader looks: {error}")
            continue
        return bind(library, path), path
    tried = "".join(f"\n  {reason}" for reason in reasons)
    hint = (
        "" if os.environ.get(VARIABLE) else f"\nSet {VARIABLE} to the path of the shared object, or install the wheel."
    )
    source = f" ({VARIABLE} names the only place)" if os.environ.get(VARIABLE) else ""
    raise LibraryError(f"gnomon's shared object was not found. Tried{source}:{tried}{hint}")


def bind(library: ctypes.CDLL, path: str) -> native.Functions:
    """The library's functions, once its ABI number and its version fit."""
    try:
        abi = library.gnomon_abi_version
        version = library.gnomon_version
    except AttributeError:
        raise LibraryError(f"{path} is not gnomon's shared object: it has no gnomon_abi_version") from None
    abi.restype, abi.argtypes = ctypes.c_uint32, []
    version.restype, version.argtypes = ctypes.c_char_p, []
    its_abi, its_version = abi(), version().decode()
    if its_abi != native.GNOMON_ABI_VERSION:
        raise LibraryError(
            f"{path} has ABI {its_abi} (version {its_version}), but this Python package is made for ABI "
            f"{native.GNOMON_ABI_VERSION} (version {native.VERSION}): install package and library of one version"
        )
    try:
        return native.Functions(library)
    except AttributeError as error:
        raise LibraryError(
            f"{path} (version {its_version}) is older than this Python package (version {native.VERSION}): {error}"
        ) from None


def check_layout(
    layout: dict[type[ctypes.Structure], tuple[int, dict[str, tuple[int, int]]]],
) -> None:
    """Holds ctypes' idea of every struct against that of C compilers."""
    for struct, (size, fields) in layout.items():
        name = struct.__name__
        if ctypes.sizeof(struct) != size:
            raise LibraryError(
                f"{name} has {ctypes.sizeof(struct)} bytes here and {size} in C: this machine is not served"
            )
        for field, (offset, length) in fields.items():
            at = getattr(struct, field)
            if (at.offset, at.size) != (offset, length):
                raise LibraryError(
                    f"{name}.{field} has {at.size} bytes at {at.offset} here, in C {length} bytes at {offset}: "
                    "this machine is not served"
                )


check_layout(native.LAYOUT)
lib, path = load()
