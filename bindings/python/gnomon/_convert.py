"""Python values into what the C functions take: checked, and images without a copy.

Sentences name the argument, what it is, what was expected, and the cure where there is one.
"""

from __future__ import annotations

import ctypes
import functools
import operator
import os
import struct as binary
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Optional, TypeVar, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _native as native

K = TypeVar("K")

INTEGERS: dict[type[Any], tuple[int, int]] = {
    ctypes.c_int32: (-(2**31), 2**31 - 1),
    ctypes.c_uint32: (0, 2**32 - 1),
    ctypes.c_int64: (-(2**63), 2**63 - 1),
    ctypes.c_uint64: (0, 2**64 - 1),
    ctypes.c_size_t: (0, 2 ** (8 * ctypes.sizeof(ctypes.c_size_t)) - 1),
}
NO_STAMP = -(2**63)

# What crosses as it is, without a look at what else Python takes for a number or for rows of them.
NUMBERS = frozenset((float, int))
LISTS = frozenset((list, tuple))
BOOL: np.dtype[Any] = np.dtype(np.bool_)
UINT8: np.dtype[Any] = np.dtype(np.uint8)
UINT16: np.dtype[Any] = np.dtype(np.uint16)
FLOAT32: np.dtype[Any] = np.dtype(np.float32)
FLOAT64: np.dtype[Any] = np.dtype(np.float64)


def integer(value: Any, what: str, kind: type[Any]) -> int:
    """A whole number that fits into a C type. ctypes alone would wrap it silently."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what} is {_told(value)}, expected a whole number") from None
    low, high = INTEGERS[kind]
    if not low <= number <= high:
        raise ValueError(f"{what} is {number}, expected {low} to {high}")
    return number


def expect(value: Any, kind: type[K], what: str) -> K:
    """The value, once it is of a class of this package."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} is {_told(value)}, expected a gnomon.{kind.__name__}")
    return value


def path(value: Union[str, os.PathLike[str]]) -> str:
    """The path of a file, as a text."""
    given = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(given, str):
        raise TypeError(f"path is {_told(value)}, expected a str or a path of str")
    return given


def chosen(value: Optional[K], kind: type[K], what: str = "options") -> K:
    """Options as given, or the defaults."""
    return kind() if value is None else expect(value, kind, what)


def real(value: Any, what: str) -> float:
    """A number."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{what} is {_told(value)}, expected a number")
    try:
        return float(value)
    except TypeError:
        raise TypeError(f"{what} is {_told(value)}, expected a number") from None


def reals(value: Any, what: str, length: int) -> tuple[float, ...]:
    """So many numbers, as a tuple."""
    if type(value) in LISTS and len(value) == length and NUMBERS.issuperset(map(type, value)):
        return tuple(value)
    flat = matrix(value, what, (length,))
    return tuple(flat.tolist())


def matrix(value: ArrayLike, what: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Numbers of a shape, as 64-bit floats. For the few numbers that cross inside a struct."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{what} is {_told(value)}, expected numbers of shape {shape}") from None
    if array.shape != shape:
        raise ValueError(f"{what} has shape {array.shape}, expected {shape}")
    return array


def pose(value: ArrayLike, what: str) -> Any:
    """A 4 x 4 pose as C has it."""
    return (ctypes.c_double * 16)(*pose_numbers(value, what))


def pose_numbers(value: ArrayLike, what: str) -> list[float]:
    """The numbers of a 4 x 4 pose, row by row."""
    rows: Any = value
    if type(rows) in LISTS and len(rows) == 4:
        a, b, c, d = rows
        if type(a) is type(b) is type(c) is type(d) is list and len(a) == len(b) == len(c) == len(d) == 4:
            numbers = [*a, *b, *c, *d]
            if NUMBERS.issuperset(map(type, numbers)):
                return numbers
    listed: list[float] = matrix(value, what, (4, 4)).ravel().tolist()
    return listed


def record(kind: type[ctypes.Structure], *names: str) -> tuple[int, binary.Struct]:
    """Fields of a struct that follow one another, as they are read and written together: where the first begins, and
    what reads and writes them in the order of their names.

    A text counts as two numbers, a nested struct and an array as those in them. What lies between the fields is written
    as 0. What does not fit raises an exception of the module struct that tells nothing to the user of this package:
    whoever catches it goes through the fields one by one.
    """
    first = at = getattr(kind, names[0]).offset
    types: dict[str, Any] = {field[0]: field[1] for field in kind._fields_}
    codes = []
    for name in names:
        begin = getattr(kind, name).offset
        assert begin >= at, f"{kind.__name__}.{name} is named out of order"
        codes.append(f"{begin - at}x{_code(types[name])}")
        at = begin + ctypes.sizeof(types[name])
    packed = binary.Struct("".join(codes))
    assert packed.size == at - first, f"{kind.__name__} is laid out in another way than the module struct does"
    return first, packed


def _code(kind: Any) -> str:
    """How the module struct names a type."""
    if issubclass(kind, ctypes.Structure):
        return "".join(_code(field[1]) for field in kind._fields_)
    if issubclass(kind, ctypes.Array):
        return f"{kind._length_}{_code(kind._type_)}"
    return str(kind._type_) if issubclass(kind, ctypes._SimpleCData) else "P"


def put(struct: Any, values: Any, *names: str, within: str = "") -> None:
    """Copies numbers from the attributes of an object into the fields of a struct of the same names."""
    checks = _checks(type(struct))
    for name in names:
        setattr(struct, name, checks[name](getattr(values, name), within + name))


_CHECKS: dict[type[ctypes.Structure], dict[str, Callable[[Any, str], Any]]] = {}


def _checks(struct: type[ctypes.Structure]) -> dict[str, Callable[[Any, str], Any]]:
    """What makes the value of each field of a struct, found out once."""
    if struct not in _CHECKS:
        _CHECKS[struct] = {name: _check(kind) for name, kind, *_ in struct._fields_}
    return _CHECKS[struct]


def _check(kind: Any) -> Callable[[Any, str], Any]:
    if kind in INTEGERS:
        return functools.partial(integer, kind=kind)
    if issubclass(kind, ctypes.Array):
        return functools.partial(reals, length=kind._length_)
    return real


CHANNELS = {
    native.GNOMON_PIXEL_RGB8: 3,
    native.GNOMON_PIXEL_BGR8: 3,
    native.GNOMON_PIXEL_RGBA8: 4,
    native.GNOMON_PIXEL_BGRA8: 4,
    native.GNOMON_PIXEL_YUYV: 2,
    native.GNOMON_PIXEL_UYVY: 2,
}


class Borrowed:
    """What a call borrows: keeps it alive as long as this object lives."""

    def __init__(self) -> None:
        self._kept: list[object] = []
        self.known: dict[str, tuple[int, int]] = {}

    def keep(self, value: Any) -> Any:
        self._kept.append(value)
        return value

    def text(self, value: str, what: str) -> native.gnomon_str:
        """A text, UTF-8."""
        return native.gnomon_str(*self.place(value, what))

    def place(self, value: str, what: str) -> tuple[int, int]:
        """Where a text lies, UTF-8, and its bytes; found in `known` from then on."""
        if not isinstance(value, str):
            raise TypeError(f"{what} is {_told(value)}, expected a str")
        place = self.known.get(value)
        if place is None:
            data = self.keep(value.encode())
            place = self.known[value] = ctypes.cast(data, ctypes.c_void_p).value or 0, len(data)
        return place

    def texts(self, values: Iterable[str], what: str) -> tuple[Any, int]:
        """An array of texts and its length; None for an empty one."""
        if isinstance(values, (str, bytes)):
            raise TypeError(f"{what} is the single text {values!r}, expected a list of texts")
        views = [self.text(value, f"{what}[{at}]") for at, value in enumerate(values)]
        return (self.keep((native.gnomon_str * len(views))(*views)), len(views)) if views else (None, 0)

    def numbers(self, values: Sequence[Any], what: str, kind: type[Any]) -> tuple[Any, int]:
        """An array of numbers and its length; None for an empty one."""
        if kind in INTEGERS:
            checked: list[Any] = [integer(value, f"{what}[{at}]", kind) for at, value in enumerate(values)]
        else:
            checked = [real(value, f"{what}[{at}]") for at, value in enumerate(values)]
        return (self.keep((kind * len(checked))(*checked)), len(checked)) if checked else (None, 0)

    def address(self, array: NDArray[Any]) -> int:
        """Where an array's numbers lie; the array is kept."""
        self._kept.append(array)
        if type(array) is np.ndarray and array.size:
            first = array if array.flags.carray else array[:1]
            if first.flags.carray:
                return ctypes.addressof(ctypes.c_char.from_buffer(first))  # type: ignore[arg-type]
        address: int = array.__array_interface__["data"][0]
        return address


def _usual(
    borrowed: Borrowed, array: NDArray[Any], one: np.dtype[Any], other: np.dtype[Any]
) -> Optional[tuple[int, int, int]]:
    """Height, width and address of rows that follow each other closely and can be written; None of any other array,
    which is then looked at closely. There are many in a frame, and reading __array_interface__ takes longer than all
    of this."""
    if type(array) is np.ndarray and (array.dtype is one or array.dtype is other) and array.flags.carray:
        shape = array.shape
        if len(shape) == 2 and array.size and shape[0] < 2**32 > shape[1]:
            begin = ctypes.addressof(ctypes.c_char.from_buffer(borrowed.keep(array)))
            return shape[0], shape[1], begin
    return None


def depth_image(borrowed: Borrowed, depth: NDArray[Any]) -> tuple[int, ...]:
    """Depth, a row after the other: the array's own memory. The numbers of a gnomon_image."""
    usual = _usual(borrowed, depth, UINT16, FLOAT32)
    if usual is not None:
        height, width, begin = usual
        row = width * depth.itemsize
        pixel_format = native.GNOMON_PIXEL_DEPTH_U16 if depth.dtype is UINT16 else native.GNOMON_PIXEL_DEPTH_F32_M
        return begin, height * row, row, width, height, pixel_format, 0
    dtype = _native_dtype(depth, "depth", _OF_DEPTH, "uint16 (counts of depth_unit_m) or float32 (metres)")
    pixel_format = native.GNOMON_PIXEL_DEPTH_U16 if dtype == UINT16 else native.GNOMON_PIXEL_DEPTH_F32_M
    return _image_numbers(borrowed, depth, "depth", 1, pixel_format)


def colour_image(borrowed: Borrowed, colour: NDArray[Any], pixel_format: int) -> native.gnomon_image:
    """The picture: the array's own memory."""
    if pixel_format == native.GNOMON_PIXEL_MONO16:
        _native_dtype(colour, "colour", [np.dtype(np.uint16)], "uint16 (0 to 65535)")
    else:
        _native_dtype(colour, "colour", [np.dtype(np.uint8)], "uint8 (0 to 255)")
    image = _image(borrowed, colour, "colour", CHANNELS.get(int(pixel_format), 1), int(pixel_format))
    if pixel_format == native.GNOMON_PIXEL_NV12:
        if image.height % 3:
            shape = f"colour has shape {colour.shape}"
            raise ValueError(f"{shape}, expected (height * 3 / 2, width): rows of Y, then half as many of U V")
        image.height = image.height // 3 * 2
    return image


_OF_MASKS: list[np.dtype[Any]] = [UINT8, BOOL]
_OF_DEPTH: list[np.dtype[Any]] = [UINT16, FLOAT32]


def mask_rows(borrowed: Borrowed, mask: NDArray[Any], what: str) -> tuple[int, int, int, int, int]:
    """A mask's width and height, the bytes from row to row, its address, and its length in bytes."""
    usual = _usual(borrowed, mask, UINT8, BOOL)
    if usual is not None:
        height, width, begin = usual
        return width, height, width, begin, height * width
    _native_dtype(mask, what, _OF_MASKS, "bool or uint8")
    stride = _row_stride(mask, what, 1)
    height, width = mask.shape
    return width, height, stride, borrowed.address(mask), stride * (height - 1) + width


def feature_numbers(borrowed: Borrowed, feature: NDArray[Any], what: str) -> tuple[int, int]:
    """A detector's feature: address and length."""
    _native_dtype(feature, what, [FLOAT32], "float32")
    if feature.ndim != 1:
        raise ValueError(f"{what} has shape {feature.shape}, expected one row of numbers")
    if feature.size > 1 and feature.strides[0] != feature.itemsize:
        raise ValueError(_scattered(feature, what, "its numbers"))
    if not feature.flags.aligned:
        raise ValueError(f"{what} does not begin at a multiple of {feature.itemsize} bytes: give it {what}.copy()")
    return borrowed.address(feature), feature.size


def _native_dtype(array: NDArray[Any], what: str, allowed: list[np.dtype[Any]], expected: str) -> np.dtype[Any]:
    """The dtype, once it is one of the allowed and in this machine's byte order."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{what} is {_told(array)}, expected a numpy array of {expected}")
    if type(array) is not np.ndarray and isinstance(array, np.ma.MaskedArray):
        raise TypeError(f"{what} is a masked array, whose mask would be lost: give it {what}.filled(0)")
    dtype: np.dtype[Any] = array.dtype
    if dtype in allowed:
        return dtype
    here = dtype.newbyteorder("=")
    if here in allowed:
        raise TypeError(f"{what} has the other byte order ({dtype.str}): give it {what}.astype(numpy.{here.name})")
    cure = ""
    if dtype == np.float64 and np.dtype(np.float32) in allowed:
        cure = f": give it {what}.astype(numpy.float32)"
    raise TypeError(f"{what} has dtype {dtype}, expected {expected}{cure}")


def _image(borrowed: Borrowed, array: NDArray[Any], what: str, channels: int, pixel_format: int) -> native.gnomon_image:
    return native.gnomon_image(*_image_numbers(borrowed, array, what, channels, pixel_format))


def _image_numbers(
    borrowed: Borrowed, array: NDArray[Any], what: str, channels: int, pixel_format: int
) -> tuple[int, ...]:
    """What a gnomon_image is made of, field by field."""
    stride = _row_stride(array, what, channels)
    height, width = array.shape[:2]
    if width >= 2**32 or height >= 2**32:
        integer(width, f"{what}'s width", ctypes.c_uint32)
        integer(height, f"{what}'s height", ctypes.c_uint32)
    length = stride * (height - 1) + width * channels * array.itemsize
    return borrowed.address(array), length, stride, width, height, pixel_format, 0


def _row_stride(array: NDArray[Any], what: str, channels: int) -> int:
    """Bytes from row to row, once the shape fits and the pixels of a row lie side by side."""
    shape, strides = array.shape, array.strides
    pixel = channels * array.itemsize
    if len(shape) == 2 and channels == 1 and strides[1] == pixel and shape[0] > 1 < shape[1] <= strides[0] // pixel:
        return int(strides[0])
    fits = len(shape) == 2 if channels == 1 else len(shape) == 3 and shape[2] == channels
    if not fits:
        expected = "(height, width)" if channels == 1 else f"(height, width, {channels})"
        raise ValueError(f"{what} has shape {shape}, expected {expected}")
    if 0 in shape:
        raise ValueError(f"{what} has shape {shape}: an image has at least one pixel")
    row = shape[1] * pixel
    beside = shape[1] == 1 or array.strides[1] == pixel
    whole = channels == 1 or array.strides[2] == array.itemsize
    if not beside or not whole:
        raise ValueError(_scattered(array, what, "the pixels of a row"))
    stride: int = row if shape[0] == 1 else array.strides[0]
    if stride < row:
        raise ValueError(
            f"{what} has strides {array.strides}: its rows overlap or run backwards; "
            f"give it numpy.ascontiguousarray({what})"
        )
    return stride


def _scattered(array: NDArray[Any], what: str, parts: str) -> str:
    return (
        f"{what} has strides {array.strides}: {parts} must lie side by side, and gnomon makes no copy of its own; "
        f"give it numpy.ascontiguousarray({what})"
    )


def _told(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return "None"
    if isinstance(value, (str, bytes, int, float)):
        shown = repr(value)
        return shown if len(shown) <= 40 else shown[:37] + "..."
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def stamp(value: int) -> Optional[int]:
    """Nanoseconds, or None where the library has none."""
    return None if value == NO_STAMP else value


def pose_of(values: Any) -> NDArray[np.float64]:
    """A 4 x 4 pose of the library."""
    return np.array(values, dtype=np.float64).reshape(4, 4)


def table_dtype(kind: type[ctypes.Structure]) -> np.dtype[Any]:
    """The dtype under which numpy sees a struct's numbers; texts and pointers are left out."""
    names: list[str] = []
    formats: list[Any] = []
    offsets: list[int] = []
    for name, declared, *_ in kind._fields_:
        element: Any = declared
        length: Optional[int] = None
        if issubclass(element, ctypes.Array):
            element, length = element._type_, element._length_
        is_text = element is native.gnomon_str
        is_number = issubclass(element, ctypes._SimpleCData) and element is not ctypes.c_void_p
        if is_text or not (is_number or issubclass(element, ctypes.Structure)):
            continue
        inner = np.dtype(element) if is_number else table_dtype(element)
        names.append(name.rstrip("_"))
        formats.append(inner if length is None else (inner, (length,)))
        offsets.append(getattr(kind, name).offset)
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": ctypes.sizeof(kind)})
