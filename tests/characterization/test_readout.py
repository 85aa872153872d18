"""Read-out: population to signal and back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lzopen.characterization import Confusion, LinearReadout, Readout
from lzopen.errors import LzopenError

READOUTS = [
    LinearReadout(),
    LinearReadout(offset=2.0, contrast=-0.5),
    LinearReadout(offset=-1e-3, contrast=4e-6, slope=1e-5),
    Confusion(),
    Confusion(p01=0.03, p10=0.08),
]


@pytest.mark.parametrize("readout", READOUTS, ids=repr)
def test_invert_undoes_the_readout(readout: Readout) -> None:
    population, axis = np.linspace(0, 1, 11), np.linspace(-2, 5, 11)
    back = readout.invert(readout(population, axis), axis)
    np.testing.assert_allclose(back, population, atol=1e-12)
    assert float(readout.invert(readout(0.3, 2.0), 2.0)) == pytest.approx(0.3)


def test_linear_readout_drifts_along_the_axis() -> None:
    sensor = LinearReadout(offset=1.0, contrast=2.0, slope=0.5)
    assert float(sensor(0.25, 4.0)) == pytest.approx(1.0 + 0.5 + 2.0)
    assert float(sensor(0.25)) == pytest.approx(1.5)


def test_confusion_counts_misread_states() -> None:
    """Against drawn states that are misread one by one."""
    rng = np.random.default_rng(5)
    state = rng.random(200_000) < 0.3
    misread = rng.random(state.size) < np.where(state, 0.2, 0.1)
    assert float(Confusion(p01=0.1, p10=0.2)(0.3)) == pytest.approx(
        np.mean(state ^ misread), abs=4e-3
    )


def test_readouts_are_frozen_values() -> None:
    assert Confusion(0.1, 0.2) == Confusion(p01=0.1, p10=0.2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        LinearReadout().offset = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: LinearReadout(contrast=0.0), "`contrast` must not be zero"),
        (lambda: LinearReadout(offset=float("nan")), "`offset` must be finite"),
        (lambda: LinearReadout(slope=float("inf")), "`slope` must be finite"),
        (lambda: Confusion(p01=-0.1), "`p01` must lie between 0 and 1, but is -0.1"),
        (lambda: Confusion(p10=1.2), "`p10` must lie between 0 and 1, but is 1.2"),
        (lambda: Confusion(p01=0.6, p10=0.4), "must stay below 1, but is 1; exchange"),
        (lambda: Confusion(p01=[0.1, 0.2]), r"`p01` must be a single number, but is \[0.1 0.2\]"),
        (lambda: LinearReadout(offset=[1, 2]), "`offset` must be a single number, .* each"),
    ],
)
def test_impossible_readouts_are_refused(build: object, words: str) -> None:
    with pytest.raises(LzopenError, match=words):
        build()  # type: ignore[operator]
