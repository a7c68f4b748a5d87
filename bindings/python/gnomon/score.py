"""Marks for the answers of language models, as benchmarks give them, and rewards of training. All from 0 to 1."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _convert as convert
from . import _handle as handle
from ._library import lib
from .codes import EditDistance, Mra, Reading, Spread

__all__ = ["advantages", "mra", "msmu", "reward_choice", "reward_format", "reward_numeric", "reward_text", "vsi"]


def _mark(function: Callable[..., int], *arguments: Any) -> float:
    out = ctypes.c_double()
    handle.check(function(*arguments, ctypes.byref(out)))
    return out.value


def mra(predicted: float, truth: float, kind: Mra = Mra.OFFICIAL) -> float:
    """Mean relative accuracy of a number. What is not finite scores 0."""
    rule = convert.integer(kind, "kind", ctypes.c_int32)
    return _mark(lib.gnomon_score_mra, rule, convert.real(predicted, "predicted"), convert.real(truth, "truth"))


def vsi(
    question_type: str,
    text: str,
    truth: str,
    options: Sequence[str] = (),
    reading: Reading = Reading.OFFICIAL,
) -> float:
    """The mark of a model's text for a question of VSI-Bench. question_type as the benchmark has it
    ("object_rel_distance"); truth: the right number or letter; options: the choices as they were offered ("A. left"),
    which only `Reading.LENIENT` heeds."""
    borrowed = convert.Borrowed()
    offered, n = borrowed.texts(options, "options")
    return _mark(
        lib.gnomon_score_vsi,
        borrowed.text(question_type, "question_type"),
        convert.integer(reading, "reading", ctypes.c_int32),
        borrowed.text(text, "text"),
        borrowed.text(truth, "truth"),
        offered,
        n,
    )


def msmu(raw_type: str, truth: str, response: str) -> float:
    """The mark of a model's text for a question of MSMU-Bench, 0 or 1. raw_type as the benchmark's rows have it
    ("width", "refer_two_objects"). Names must agree: no model judges them."""
    borrowed = convert.Borrowed()
    return _mark(
        lib.gnomon_score_msmu,
        borrowed.text(raw_type, "raw_type"),
        borrowed.text(truth, "truth"),
        borrowed.text(response, "response"),
    )


def reward_format(text: str) -> float:
    """1 where all of the text is `<think>...</think>`, blanks, `<answer>...</answer>`; else 0."""
    borrowed = convert.Borrowed()
    return _mark(lib.gnomon_reward_format, borrowed.text(text, "text"))


def reward_choice(text: str, truth: str) -> float:
    """1 where the last answer block, or the text without one, is truth but for blanks at the ends; else 0."""
    borrowed = convert.Borrowed()
    return _mark(lib.gnomon_reward_choice, borrowed.text(text, "text"), borrowed.text(truth, "truth"))


def reward_numeric(text: str, truth: float) -> float:
    """Strict mean relative accuracy of the number in the answer block; 0 where there is no number."""
    borrowed = convert.Borrowed()
    return _mark(lib.gnomon_reward_numeric, borrowed.text(text, "text"), convert.real(truth, "truth"))


def reward_text(text: str, truth: str, distance: EditDistance = EditDistance.INDEL) -> float:
    """How alike the answer block and truth are: 1 less their distance over their length in all. At most 8192 characters
    each."""
    borrowed = convert.Borrowed()
    return _mark(
        lib.gnomon_reward_text,
        borrowed.text(text, "text"),
        borrowed.text(truth, "truth"),
        convert.integer(distance, "distance", ctypes.c_int32),
    )


def advantages(rewards: ArrayLike, spread: Spread = Spread.POPULATION) -> NDArray[np.float64]:
    """How far each of a group's rewards lies above the group's mean, in standard deviations. All are 0 where the
    rewards are equal, one alone, or not all finite. At most 1048576."""
    given = np.ascontiguousarray(rewards, dtype=np.float64)
    if given.ndim != 1:
        raise ValueError(f"rewards has shape {given.shape}, expected one row of numbers")
    out = np.zeros_like(given)
    numbers = ctypes.POINTER(ctypes.c_double)
    rule = convert.integer(spread, "spread", ctypes.c_int32)
    there, room = ctypes.cast(given.ctypes.data, numbers), ctypes.cast(out.ctypes.data, numbers)
    handle.check(lib.gnomon_reward_advantages(there, given.size, rule, room))
    return out
