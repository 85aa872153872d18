"""Argument checks: what passes, what fails, and the one grammar of the messages."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lzopen import errors
from lzopen.errors import LzopenError, LzopenWarning

GRAMMAR = re.compile(
    r"Argument `(?P<name>\w+)` must (?P<must>.+), but is (?P<value>.+)\.", re.DOTALL
)
REMEDY = "try something else"


def message_of(check: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The message with which a check refuses, which always follows the grammar."""
    with pytest.raises(LzopenError) as caught:
        check(*args, **kwargs)
    message = str(caught.value)
    assert GRAMMAR.fullmatch(message), message
    return message


# -- the grammar


def test_fail_names_argument_demand_value_and_remedy() -> None:
    message = message_of(errors.fail, "gap", "be positive", -0.3, "give its size")
    assert message == "Argument `gap` must be positive, but is -0.3; give its size."


def test_fail_without_a_remedy_ends_after_the_value() -> None:
    message = message_of(errors.fail, "gap", "be positive", -0.3)
    assert message == "Argument `gap` must be positive, but is -0.3."


def test_a_long_array_is_shown_by_its_shape() -> None:
    message = message_of(errors.fail, "times", "be few", np.arange(12.0).reshape(3, 4))
    assert message.endswith("but is an array of shape (3, 4).")
    assert "[0. 1. 2.]" in message_of(errors.fail, "times", "be many", np.arange(3.0))


def test_bad_input_is_a_value_error() -> None:
    assert issubclass(LzopenError, ValueError)


# -- checks of numbers: name, must, good values, bad values

NUMBER_CHECKS = [
    (errors.finite, "be finite", [0, -2.5, 1e300], [np.inf, -np.inf, np.nan]),
    (errors.finite_complex, "be finite", [0, -1.5, 1 + 2j], [np.nan, complex(0, np.inf)]),
    (errors.positive, "be positive", [1, 1e-300], [0, -0.3, np.nan, np.inf]),
    (errors.not_negative, "not be negative", [0, 2.0], [-1e-9, -0.5]),
    (errors.not_negative, "be finite", [0.0, 1e300], [np.nan, np.inf]),
    (errors.not_zero, "not be zero", [-1, 2.0], [0, 0.0, np.nan, np.inf]),
    (errors.probability, "lie between 0 and 1", [0, 0.5, 1], [-0.01, 1.01, np.nan]),
]
GOOD = [(check, value) for check, _, good, _ in NUMBER_CHECKS for value in good]
BAD = [(check, must, value) for check, must, _, bad in NUMBER_CHECKS for value in bad]
ALL_CHECKS = [check for check, *_ in NUMBER_CHECKS]


@pytest.mark.parametrize(("check", "value"), GOOD)
def test_a_good_number_comes_back_as_a_plain_python_number(check: Any, value: Any) -> None:
    for given in (value, np.array(value)):
        checked = check("rate", given)
        assert checked == value
        assert type(checked) is (complex if isinstance(value, complex) else float)


@pytest.mark.parametrize(("check", "must", "value"), BAD)
def test_a_bad_number_is_refused_by_name_value_and_remedy(
    check: Any, must: str, value: Any
) -> None:
    assert message_of(check, "rate", value, REMEDY) == (
        f"Argument `rate` must {must}, but is {value:g}; {REMEDY}."
    )


@pytest.mark.parametrize(("check", "must", "value"), BAD)
def test_a_bad_number_in_an_array_is_found_at_its_index(check: Any, must: str, value: Any) -> None:
    batch = np.full((2, 3), 0.5, dtype=np.result_type(value, float))
    batch[1, 2] = value
    message = message_of(check, "rate", batch)
    assert message == f"Argument `rate` must {must}, but is {batch[1, 2]:g} at index (1, 2)."


@pytest.mark.parametrize("check", ALL_CHECKS)
def test_an_array_is_copied_and_locked(check: Any) -> None:
    given = np.array([0.25, 0.75])
    checked = check("rate", given)
    given[0] = 7.0
    np.testing.assert_array_equal(checked, [0.25, 0.75])
    with pytest.raises(ValueError, match="read-only"):
        checked[0] = 1.0


@pytest.mark.parametrize("check", ALL_CHECKS)
@pytest.mark.parametrize(
    "value", [None, True, "0.5", ["1", "2"], [[1.0], [2.0, 3.0]], {"rate": 1.0}, object()]
)
def test_what_is_no_number_is_refused(check: Any, value: Any) -> None:
    message = message_of(check, "rate", value, REMEDY)
    assert message.startswith("Argument `rate` must be a number or an array of numbers, but is ")
    assert repr(value) in message
    assert message.endswith(f"; {REMEDY}.")


@pytest.mark.parametrize("check", [c for c in ALL_CHECKS if c is not errors.finite_complex])
def test_a_complex_number_needs_a_check_that_allows_it(check: Any) -> None:
    assert message_of(check, "rate", 1 + 2j) == (
        "Argument `rate` must be real, but is (1+2j); drop the imaginary part."
    )


# -- checks of arrays and choices


def test_increasing_returns_a_locked_copy() -> None:
    given = [[0, 1, 2], [5, 6, 9]]
    checked = errors.increasing("times", given)
    np.testing.assert_array_equal(checked, given)
    assert not checked.flags.writeable


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([0.0, 1.0, 1.0], "1 followed by 1"),
        ([0.0, 2.0, 1.5], "2 followed by 1.5"),
        ([[0.0, 1.0, 2.0], [3.0, 5.0, 4.0]], "5 followed by 4"),
    ],
)
def test_increasing_shows_the_pair_out_of_order(value: Any, shown: str) -> None:
    assert message_of(errors.increasing, "times", value) == (
        f"Argument `times` must increase strictly, but is {shown}; "
        "sort it and drop repeated values."
    )


def test_increasing_wants_enough_values_and_finite_ones() -> None:
    few = message_of(errors.increasing, "times", [1.0, 2.0], REMEDY, least=3)
    assert few == f"Argument `times` must hold at least 3 values, but is [1. 2.]; {REMEDY}."
    single = message_of(errors.increasing, "times", 1.0)
    assert single == "Argument `times` must hold at least 2 values, but is [1.]."
    assert "be finite" in message_of(errors.increasing, "times", [0.0, np.inf])


def test_shape_passes_and_refuses() -> None:
    np.testing.assert_array_equal(
        errors.shape("operator", [[1, 2], [3, 4]], (2, 2)), [[1, 2], [3, 4]]
    )
    assert message_of(errors.shape, "operator", np.eye(3), (2, 2), REMEDY) == (
        f"Argument `operator` must have shape (2, 2), but is of shape (3, 3); {REMEDY}."
    )


def test_choice_passes_and_refuses_with_what_is_allowed() -> None:
    assert errors.choice("kind", "crossing", ("crossing", "touching")) == "crossing"
    message = message_of(errors.choice, "kind", "corssing", iter(("crossing", "touching")))
    assert message == ("Argument `kind` must be one of 'crossing', 'touching', but is 'corssing'.")


# -- warnings


def test_a_warning_carries_its_number() -> None:
    with pytest.warns(LzopenWarning, match="window is short") as caught:
        errors.warn("The window is short.", 0.25)
    assert caught[0].message.value == 0.25


def test_a_warning_without_a_number_carries_nan() -> None:
    assert np.isnan(LzopenWarning("suspicious").value)


def test_a_warning_points_at_the_caller_of_the_public_function() -> None:
    def public() -> None:
        errors.warn("The window is short.", 0.25)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        public()
    assert caught[0].filename == __file__
    assert "public()" in _line(caught[0].lineno)


def _line(number: int) -> str:
    with open(__file__, encoding="utf-8") as file:
        return file.read().splitlines()[number - 1]
