"""Noise: fractions from counts, single outcomes summed, and errors checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lzopen.errors import LzopenError, fail, positive, single, whole
from lzopen.measurements.rows import Rows

__all__ = ["check_noise", "count_trials", "pool_outcomes"]

Array = NDArray[Any]


def count_trials(rows: Rows, shots: Any) -> Rows:
    """Rows whose signal is a fraction of ``shots`` trials, wherever there are trials.

    ``shots`` is the same number for all rows, unless it is a column, read already, or None.
    """
    values = dict(rows.values)
    if shots is not None and not isinstance(shots, str):
        number = whole("shots", shots, least=1, remedy="or the name of a column")
        if "shots" in values:
            fail("shots", "be left out where cells are k:n", repr(shots))
        values["shots"] = np.full(rows.number.shape, float(number))
    if "counts" in values and "shots" not in values:
        remedy = "give the number of trials, as a column or as one number"
        fail("shots", "be given with `counts`", "None", remedy)
    if "shots" not in values:
        return rows
    trials = np.nan_to_num(values["shots"], nan=0.0)
    seen = _seen(values)
    trials = np.where(seen, trials, 0.0)  # no signal, no trial
    rows = Rows(rows.axes, values | {"shots": trials}, rows.number, rows.name, rows.notes)
    _check_trials(rows, values["shots"], seen)
    if "counts" in values:
        return _fractions(rows)
    fraction = values["signal"]
    if np.iscomplexobj(fraction):
        remedy = "a complex voltage is no fraction; leave `shots` out"
        fail("signal", "be a fraction where `shots` is given", "complex", remedy)
    good = ~seen | ((fraction >= 0) & (fraction <= 1))
    remedy = "divide percents by 100; numbers of events are `counts`"
    rows.require("signal", "lie between 0 and 1", good, fraction, remedy)
    return rows.with_values(signal=np.where(trials > 0, fraction, np.nan))


def pool_outcomes(rows: Rows) -> Rows:
    """Single outcomes 0 or 1 of one setting (and one group) summed into a fraction of trials."""
    signal = rows.values["signal"]
    good = np.isnan(signal) | (signal == 0) | (signal == 1)
    remedy = "with shots=1 each row is one outcome; give the number of trials of a fraction"
    rows.require("signal", "be 0 or 1 in every row", good, signal, remedy)
    keys = dict(rows.axes)
    if "group" in rows.values:
        keys["group "] = rows.values["group"]  # with a space, so that it is no axis
    frame = pd.DataFrame({**keys, "k ": np.nan_to_num(signal), "n ": rows.values["shots"]})
    total = frame.groupby(list(keys), sort=False, dropna=False).sum().reset_index()
    n = total["n "].to_numpy(float)
    fraction = np.divide(total["k "].to_numpy(float), n, out=np.full(n.shape, np.nan), where=n > 0)
    values = {"signal": fraction, "shots": n}
    if "group" in rows.values:
        values["group"] = total["group "].to_numpy(rows.values["group"].dtype)
    note = f"{len(frame)} single outcomes are summed into {len(total)} fractions."
    axes = {name: total[name].to_numpy(float) for name in rows.axes}
    return Rows(axes, values, np.arange(1, len(total) + 1), rows.name, (*rows.notes, note))


def check_noise(rows: Rows, sigma: Any) -> Rows:
    """Rows with standard errors above zero and labels of groups wherever something was measured."""
    signal = rows.values["signal"]
    good = ~np.isinf(signal)
    rows.require(
        "signal", "be finite", good, np.abs(signal), "leave the cell empty if it is missing"
    )
    if np.isnan(signal).all():
        fail("source", "hold a signal", f"{rows.name}, in which all of it is missing")
    if "group" in rows.values:
        _check_labels(rows, np.isnan(signal))
    if sigma is None:
        return rows
    if "shots" in rows.values or "group" in rows.values:
        remedy = "give one kind of noise"
        fail("sigma", "come alone", "joined by `shots`, `counts` or `groups`", remedy)
    if not isinstance(sigma, str):
        error = positive("sigma", single("sigma", sigma))
        return rows.with_values(sigma=np.full(signal.shape, error))
    given = rows.values["sigma"]
    good = np.isnan(signal) | ((given > 0) & np.isfinite(given))
    rows.require("sigma", "be positive", good, given, "it is the standard error of the signal")
    return rows


def _seen(values: dict[str, Array]) -> Array:
    """Where something was measured: a number of events, or a fraction."""
    return ~np.isnan(values["counts"] if "counts" in values else values["signal"])


def _check_labels(rows: Rows, missing: Array) -> None:
    labels = rows.values["group"]
    blank = labels == "" if labels.dtype.kind == "U" else np.isnan(labels)
    lost = blank & ~missing
    if lost.any():
        at = rows.number[np.argmax(lost)]
        fail("groups", "label every row", f"empty in row {at} of {rows.name}", "label it")


def _check_trials(rows: Rows, given: Array, seen: Array) -> None:
    missing = seen & np.isnan(given)
    if missing.any():
        raise LzopenError(
            f"Argument `shots` must be given wherever there is a signal, but is empty or NaN in "
            f"row {rows.number[np.argmax(missing)]} of {rows.name}; write 0 if nothing was "
            "measured."
        )
    whole = ~seen | ((given >= 0) & (given == np.floor(given)) & np.isfinite(given))
    remedy = "it is the number of trials; zero marks a missing pixel"
    rows.require("shots", "be a whole number, not negative", whole, given, remedy)


def _fractions(rows: Rows) -> Rows:
    counts, trials = rows.values["counts"], rows.values["shots"]
    seen = ~np.isnan(counts)
    good = ~seen | ((counts >= 0) & (counts == np.floor(counts)))
    remedy = "it is the number of trials that said yes; give a fraction with `signal`"
    rows.require("counts", "be a whole number, not negative", good, counts, remedy)
    few = ~seen | (counts <= trials)
    rows.require("counts", "not exceed `shots`", few, counts, "exchange the two columns?")
    fraction = np.divide(counts, trials, out=np.full(counts.shape, np.nan), where=trials > 0)
    values = {name: one for name, one in rows.values.items() if name != "counts"}
    return Rows(
        rows.axes, values | {"signal": fraction}, rows.number, rows.name,
        (*rows.notes, "The signal is the number of counts over the number of shots."),
    )  # fmt: skip
