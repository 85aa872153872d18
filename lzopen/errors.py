"""Errors, warnings and the argument checks, all in one message grammar.

Every check returns the value it was given, as a float or a read-only array, so
that a dataclass can check and store in one line.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

__all__ = ["LzopenError", "LzopenWarning"]

_LONG = 200  # characters of a value, beyond which a message cuts it short

_KELVIN = "it is an energy, k_B T: lz.conventions.mK turns millikelvin into rad/ns"

Numeric = Any  # a number, or an array of them where a model is a batch


class LzopenError(ValueError):
    """Bad input: the message names the argument, its value and the remedy."""


class LzopenWarning(UserWarning):
    """Legal but suspicious physics; ``value`` holds the number that is suspicious.

    Parameters
    ----------
    message : str
        What is suspicious and what to do.
    value : float, optional
        The number itself, for code that wants to act on it.
    """

    def __init__(self, message: str, value: float = float("nan")) -> None:
        super().__init__(message)
        self.value = value


def fail(argument: str, must: str, value: object, remedy: str = "", page: str = "") -> NoReturn:
    """Raise "Argument `argument` must …, but is …; remedy. See page."."""
    ending = f"; {remedy}" if remedy else ""
    said = f"Argument `{argument}` must {must}, but is {_show(value)}{ending}."
    raise LzopenError(said + _see(page))


def warn(message: str, value: float, stacklevel: int = 3, page: str = "") -> None:
    """Issue an `LzopenWarning` that carries its number, and leads to a page."""
    warnings.warn(LzopenWarning(message + _see(page), value), stacklevel=stacklevel)


@cache
def _see(page: str) -> str:
    """The sentence that leads to a page, such as "guide/solving#finite-windows"; "" to none."""
    if not page:
        return ""
    name, mark, anchor = page.partition("#")
    place = f"{name}.html{mark}{anchor}"
    try:
        links = metadata("lzopen").get_all("Project-URL") or []
    except PackageNotFoundError:  # a folder on the path
        links = []
    for link in links:
        kind, _, address = link.partition(",")
        if kind.strip().lower() == "documentation":
            return f" See {address.strip().rstrip('/')}/{place}."
    return f" See {place} in the documentation."


def finite(argument: str, value: Numeric, remedy: str = "") -> Numeric:
    """Real numbers without NaN or infinity."""
    return _numbers(argument, value, "be finite", np.isfinite, remedy)


def finite_complex(argument: str, value: Numeric, remedy: str = "") -> Numeric:
    """Real or complex numbers without NaN or infinity."""
    return _numbers(argument, value, "be finite", np.isfinite, remedy, allow_complex=True)


def positive(argument: str, value: Numeric, remedy: str = "") -> Numeric:
    """Finite numbers above zero."""
    return _numbers(argument, value, "be positive", lambda x: np.isfinite(x) & (x > 0), remedy)


def not_negative(argument: str, value: Numeric, remedy: str = "") -> Numeric:
    """Finite numbers, zero or above."""
    return _numbers(
        argument, finite(argument, value, remedy), "not be negative", lambda x: x >= 0, remedy
    )


def temperature_of_state(argument: str, value: Numeric) -> Numeric:
    """Temperatures from zero to infinity, at which all levels are alike."""
    return _numbers(
        argument, value, "not be negative", lambda x: x >= 0, _KELVIN, page="conventions#units"
    )


def temperature_above_zero(argument: str, value: Numeric) -> Numeric:
    """The same without zero."""
    return _numbers(
        argument, value, "be positive", lambda x: x > 0, _KELVIN, page="conventions#units"
    )


def not_zero(argument: str, value: Numeric, remedy: str = "") -> Numeric:
    """Finite numbers other than zero."""
    return _numbers(argument, value, "not be zero", lambda x: np.isfinite(x) & (x != 0), remedy)


def probability(argument: str, value: Numeric, remedy: str = "") -> Numeric:
    """Numbers between 0 and 1."""
    return _numbers(argument, value, "lie between 0 and 1", lambda x: (x >= 0) & (x <= 1), remedy)


def increasing(argument: str, value: Any, remedy: str = "", least: int = 2) -> NDArray[Any]:
    """A read-only array, finite and strictly increasing along its last axis."""
    array = read_only(np.atleast_1d(finite(argument, value)))
    if array.shape[-1] < least:
        fail(argument, f"hold at least {least} values", array, remedy)
    steps = np.diff(array, axis=-1)
    if np.any(steps <= 0):
        at = int(np.argwhere(steps <= 0)[0][-1])
        row = array.reshape(-1, array.shape[-1])[np.any(steps <= 0, axis=-1).reshape(-1).argmax()]
        fail(
            argument,
            "increase strictly",
            f"{row[at]:g} followed by {row[at + 1]:g}",
            remedy or "sort it and drop repeated values",
        )
    return array


def single(argument: str, value: Any, remedy: str = "") -> Any:
    """A number that is no array."""
    if np.ndim(value):
        fail(argument, "be a single number", np.asarray(value), remedy)
    return value


def whole(argument: str, value: Any, least: int = 0, remedy: str = "") -> int:
    """A whole number, not below the least one."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        fail(argument, f"be a whole number of at least {least}", repr(value), remedy)
    return int(value)


def shape(argument: str, value: Any, expected: tuple[int, ...], remedy: str = "") -> NDArray[Any]:
    """An array of exactly this shape."""
    array = np.asarray(value)
    if array.shape != expected:
        fail(argument, f"have shape {expected}", f"of shape {array.shape}", remedy)
    return array


def instance(argument: str, value: object, kind: type, remedy: str = "") -> None:
    """Raise unless the value is of this kind."""
    if not isinstance(value, kind):
        shown = value if isinstance(value, np.ndarray) else repr(value)
        fail(argument, f"be a {kind.__name__}", shown, remedy)


def choice(argument: str, value: Any, allowed: Iterable[Any]) -> Any:
    """One of a few allowed values."""
    options = list(allowed)
    if np.ndim(value) or value not in options:
        fail(argument, f"be one of {', '.join(map(repr, options))}", repr(value))
    return value


def _numbers(
    argument: str,
    value: Numeric,
    must: str,
    good: Callable[[Any], Any],
    remedy: str,
    allow_complex: bool = False,
    page: str = "",
) -> Numeric:
    if isinstance(value, (bool, str)) or value is None:
        fail(argument, "be a number or an array of numbers", repr(value), remedy, page)
    try:
        array = np.asarray(value)
        is_complex = array.dtype.kind == "c"
        if array.dtype.kind in "SU":  # NumPy would read numbers out of text
            raise TypeError
        array = array.astype(complex if is_complex else float)
    except (TypeError, ValueError):
        fail(argument, "be a number or an array of numbers", repr(value), remedy, page)
    if is_complex and not allow_complex:
        fail(argument, "be real", value, remedy or "drop the imaginary part")
    fits = np.asarray(good(array))
    if not fits.all():
        index = tuple(int(i) for i in np.argwhere(~fits)[0])
        at = f" at index {index}" if array.ndim else ""
        fail(argument, must, f"{array[index]:g}{at}", remedy, page)
    return array.item() if array.ndim == 0 else read_only(array)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    copy = np.array(array)
    copy.flags.writeable = False
    return copy


def _show(value: object) -> str:
    if isinstance(value, np.ndarray) and value.size > 6:
        return f"an array of shape {value.shape}"
    shown = str(value)
    return shown if len(shown) <= _LONG else f"{shown[:_LONG]}…"
