"""What every waveform promises, checked on each one in the zoo."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import binom

import lzopen as lz
from lzopen.models import parameters
from zoo import WAVEFORMS, exported

T0, T1 = -6.3, 7.1
PLAIN = (float, complex, int)

every = pytest.mark.parametrize("drive", WAVEFORMS.values(), ids=WAVEFORMS)
every_real = pytest.mark.parametrize(
    "waveform",
    [pytest.param(d.waveform, id=n) for n, d in WAVEFORMS.items() if not d.waveform.is_complex],
)


def inside(waveform, count=60, margin=0.05, seed=3):
    """Seeded times in the window that keep away from kinks."""
    t = np.random.default_rng(seed).uniform(T0, T1, count)
    kinks = np.append(waveform.kinks(T0, T1), np.inf)
    return t[np.abs(t[:, None] - kinks).min(axis=1) > margin]


def members(waveform):
    """The classes of a waveform and of all that it is made of."""
    found = {type(waveform)}
    for field in fields(waveform):
        value = getattr(waveform, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part):
                found |= members(part)
    return found


def test_every_exported_waveform_is_in_the_zoo():
    shown = set().union(*(members(drive.waveform) for drive in WAVEFORMS.values()))
    missing = exported(lz.Waveform) - shown
    assert not missing, f"add {missing} to WAVEFORMS in tests/zoo.py"


# -- one waveform


@every
def test_scalar_path_equals_array_path_in_plain_numbers(drive):
    t = np.concatenate([inside(drive.waveform), drive.waveform.kinks(T0, T1)])
    values = [drive.waveform.scalar(float(x)) for x in t]
    assert {type(value) for value in values} <= set(PLAIN)
    assert_allclose(drive.waveform(t), values, rtol=1e-13, atol=1e-13)
    assert_allclose([drive.waveform(x) for x in t], values, rtol=1e-13, atol=1e-13)
    assert drive.waveform.is_complex == (complex in {type(value) for value in values})


@every
def test_array_shapes(drive):
    t = inside(drive.waveform, 12)[:6]
    table = drive.waveform(t.reshape(2, 3))
    assert table.shape == (2, 3)
    assert_array_equal(table.ravel(), drive.waveform(t))
    assert drive.waveform.derivative(t.reshape(2, 3)).shape == (2, 3)
    assert drive.waveform.taylor(t, 4).shape == (6, 5)
    assert drive.waveform(np.empty(0)).shape == (0,)
    assert_array_equal(drive.waveform(list(t)), drive.waveform(t))


@every
def test_derivative_is_the_limit_of_central_differences(drive):
    t = inside(drive.waveform, margin=0.3)
    error = []
    for h in (4e-3, 2e-3, 1e-3):
        quotient = (drive.waveform(t + h) - drive.waveform(t - h)) / (2 * h)
        error.append(np.linalg.norm(quotient - drive.waveform.derivative(t)))
    if error[0] > 1e-8:  # else the waveform has no third derivative
        assert_allclose(np.diff(np.log2(error)), -2, atol=0.05)
    assert error[-1] < 1e-3


@every
@pytest.mark.parametrize("order", [0, 1, 2, 3, 5])
def test_taylor_series_misses_the_next_power(drive, order):
    waveform, power = drive.waveform, np.arange(order + 1)
    t = inside(waveform, margin=0.5)
    jet = waveform.taylor(t, order)
    error = []
    for h in (0.08, 0.04, 0.02):
        error.append(np.linalg.norm((jet * h**power).sum(axis=-1) - waveform(t + h)))
    if error[0] < 1e-12:  # a polynomial ends
        assert max(error) < 1e-12
    elif error[-1] > 1e-13:
        assert_allclose(np.diff(np.log2(error)), -(order + 1), atol=0.2)


@every
def test_kinks_are_inside_sorted_and_real(drive):
    """A jet from the left of a kink does not foretell the jet on its right."""
    waveform = drive.waveform
    kinks = waveform.kinks(T0, T1)
    assert np.isfinite(kinks).all()
    assert ((kinks > T0) & (kinks < T1)).all()
    assert (np.diff(kinks) > 0).all()
    for kink in kinks:
        assert not foretold(waveform, kink - 1e-3, kink + 1e-3)


@every
def test_between_kinks_the_waveform_is_smooth(drive):
    waveform = drive.waveform
    edges = np.concatenate([[T0], waveform.kinks(T0, T1), [T1]])
    for start, end in itertools.pairwise(edges):
        for t in np.linspace(start, end, 60)[1:-2]:
            step = min(2e-3, 0.02 * (t - start), 0.02 * (end - t))
            assert foretold(waveform, t, t + step)


def foretold(waveform, t, later, order=6):
    """Whether the jet at ``t`` gives the first few coefficients at ``later``."""
    power = np.arange(order + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = binom(power, power[:, None]) * (later - t) ** np.maximum(power - power[:, None], 0)
    found, wanted = moved @ waveform.taylor(t, order), waveform.taylor(later, order)
    return np.allclose(wanted[:4], found[:4], rtol=1e-5, atol=1e-6)


@every
def test_kinks_of_an_empty_or_a_smaller_window(drive):
    kinks = drive.waveform.kinks(T0, T1)
    assert drive.waveform.kinks(T1, T1).size == 0
    some = kinks[(kinks > -1.2) & (kinks < 2.3)]
    assert_allclose(drive.waveform.kinks(-1.2, 2.3), some, rtol=1e-12)


@every_real
def test_crossings_are_zeros_with_a_change_of_sign(waveform):
    crossings = waveform.crossings(T0, T1)
    kinks = np.append(waveform.kinks(T0, T1), np.inf)
    for t in crossings:
        assert waveform(t - 1e-6) * waveform(t + 1e-6) < 0
        assert abs(waveform(t)) < 1e-10 or np.abs(kinks - t).min() < 1e-10
    sign = np.sign(waveform(np.linspace(T0, T1, 5003)))
    assert len(crossings) == np.count_nonzero(sign[1:] * sign[:-1] < 0)


@every
def test_period(drive):
    period = drive.waveform.period
    if period is not None:
        t = inside(drive.waveform)
        for turns in (1, -3):
            assert_allclose(drive.waveform(t + turns * period), drive.waveform(t), atol=1e-11)


def test_which_waveforms_are_periodic():
    periodic = {name for name, drive in WAVEFORMS.items() if drive.waveform.period is not None}
    expected = {"sinusoidal", "triangle", "square", "reversed", "scaled by a complex number"}
    expected |= {"two tones", "repeated table", "repeated pulse", "turning", "real part"}
    expected |= {"square behind a low-pass", "tone behind a band-pass", "turning behind a low-pass"}
    assert periodic == expected | {"modulated tone"}


@pytest.mark.parametrize("tones", [(1.0, 100.0), (3.0, 195.0), (2.0, 3.0, 5.0), (6.0, 4.0, 128.0)])
def test_order_of_tones_does_not_matter(tones):
    found = {
        float(sum((lz.Sinusoidal(1.0, w) for w in order[1:]), lz.Sinusoidal(1.0, order[0])).period)
        for order in itertools.permutations(tones)
    }
    common = np.gcd.reduce([int(w) for w in tones])
    assert_allclose(sorted(found), 2 * np.pi / common, rtol=1e-14)


def test_common_period_of_commensurate_tones():
    tones = [lz.Sinusoidal(1.0, omega) for omega in (2.0, 3.0, 4.5)]
    assert_allclose((tones[0] + tones[1] + lz.Constant(1.0)).period, 2 * np.pi)
    assert_allclose((tones[0] + tones[2]).period, 4 * np.pi)
    assert (tones[0] + lz.Sinusoidal(1.0, np.sqrt(2))).period is None
    assert (tones[0] + lz.Linear(1.0)).period is None
    many = lz.Sinusoidal(1.0, np.array([2.0, 4.0])) + lz.Sinusoidal(1.0, np.array([3.0, 2.0]))
    assert_allclose(many.period, [2 * np.pi, np.pi])
    assert many.harmonics() is None  # which one is the third differs within the batch


@every
def test_harmonics_sum_to_the_waveform(drive):
    found = drive.waveform.harmonics()
    if found is not None:
        t, period = inside(drive.waveform), drive.waveform.period
        omega = 0.0 if period is None else 2 * np.pi / period
        total = sum(c * np.exp(1j * n * omega * t) for n, c in found.items())
        assert_allclose(total, drive.waveform(t), atol=1e-12)


def test_which_waveforms_have_harmonics():
    known = {name for name, drive in WAVEFORMS.items() if drive.waveform.harmonics() is not None}
    expected = {"constant", "complex constant", "sinusoidal", "two tones", "turning"}
    expected |= {"modulated tone"}
    expected |= {"tone behind a band-pass", "turning behind a low-pass"}
    assert known == expected | {"scaled by a complex number", "real part"}


@every
def test_moved_harmonics(drive):
    if drive.waveform.harmonics() is not None:
        t = np.linspace(T0, T1, 41)
        for moved in (drive.waveform.shifted(0.3), drive.waveform.reversed(0.2)):
            omega = 0.0 if moved.period is None else 2 * np.pi / moved.period
            total = sum(c * np.exp(1j * n * omega * t) for n, c in moved.harmonics().items())
            assert_allclose(total, moved(t), atol=1e-12)


@every
def test_asymptote(drive):
    for side in (-1, 1):
        end = drive.waveform.asymptote(side)
        if end is None:
            continue
        coefficient, power = end
        distance = np.array([1e4, 1e6, 1e8])
        if coefficient == 0:  # it dies out
            assert power == 0
            assert_allclose(drive.waveform(side * distance), 0, atol=1e-15)
            continue
        ratio = drive.waveform(side * distance) / (coefficient * distance**power)
        assert_allclose(ratio, 1, atol=1e-3)
        assert abs(ratio[-1] - 1) < 1e-6


def test_which_waveforms_have_no_limit():
    lost = {name for name, drive in WAVEFORMS.items() if drive.waveform.asymptote(1) is None}
    assert lost == {
        "rotating",
        "sinusoidal",
        "triangle",
        "square",
        "dithered sweep",
        "sum of a sum",
        "scaled by a complex number",
        "reversed",
        "sequence",
        "real part",
        "two tones",
        "turning",
        "repeated table",
        "repeated pulse",
        "square behind a low-pass",
        "tone behind a band-pass",
        "dithered sweep behind a high-pass",
        "turning behind a low-pass",
        "modulated tone",
        "ramped turning",
    }


def test_leading_terms_that_cancel_leave_the_next_ones():
    """Two levels swept alike are parallel: their distance has no linear term."""
    distance = lz.Linear(1.0) + lz.Constant(0.3) - lz.Linear(1.0)
    assert_allclose(distance.asymptote(1), (0.3, 0))
    parabola = lz.PowerLaw(1.0, 2.0, "touching")
    straight = parabola - parabola.shifted(1.0)  # 2t − 1
    assert_allclose([straight.asymptote(1), straight.asymptote(-1)], [(2.0, 1), (-2.0, 1)])


@every
def test_time_scale_resolves_what_bends(drive):
    """Within an eighth of the time scale the waveform is straight to a percent."""
    waveform = drive.waveform
    scale = waveform.time_scale(T0, T1)
    assert scale > 0
    if np.isfinite(scale):
        t = inside(waveform, margin=scale)
        middle = (waveform(t - scale / 8) + waveform(t + scale / 8)) / 2
        assert_allclose(middle, waveform(t), atol=0.01 * np.abs(waveform(t)).max())


def test_oscillations_have_a_time_scale():
    finite = {n for n, d in WAVEFORMS.items() if np.isfinite(d.waveform.time_scale(T0, T1))}
    assert finite >= {"rotating", "sinusoidal", "dithered sweep", "sequence", "real part"}
    fast, slow = lz.Sinusoidal(1.0, omega=4.0), lz.Sinusoidal(1.0, omega=2.0)
    assert fast.time_scale(T0, T1) == 0.25
    for sequence in (fast.then(slow, at=0.0), slow.then(fast, at=0.0)):
        assert sequence.time_scale(-1.0, 1.0) == 0.25
    assert fast.then(slow, at=0.0).time_scale(1.0, 2.0) == 0.5
    assert slow.then(fast, at=0.0).time_scale(-2.0, -1.0) == 0.5


# -- algebra


@every
def test_reversed(drive):
    waveform, t = drive.waveform, inside(drive.waveform)
    assert_allclose(waveform.reversed()(-t), waveform(t), rtol=1e-13)
    assert_allclose(waveform.reversed(about=0.7)(1.4 - t), waveform(t), rtol=1e-9, atol=1e-9)
    assert_allclose(waveform.reversed().derivative(-t), -waveform.derivative(t), rtol=1e-13)
    assert_allclose(waveform.reversed().kinks(-T1, -T0), -waveform.kinks(T0, T1)[::-1])
    assert_allclose(waveform.reversed().reversed()(t), waveform(t), rtol=1e-13)


@every
def test_shifted(drive):
    waveform, t = drive.waveform, inside(drive.waveform)
    later = waveform.shifted(0.7)
    assert_allclose(later(t + 0.7), waveform(t), rtol=1e-9, atol=1e-9)
    assert_allclose(later.derivative(t + 0.7), waveform.derivative(t), rtol=1e-9, atol=1e-9)
    assert_allclose(later.kinks(T0 + 0.7, T1 + 0.7), waveform.kinks(T0, T1) + 0.7)
    assert_allclose(later.shifted(-0.7)(t), waveform(t), rtol=1e-9, atol=1e-9)
    assert later.time_scale(T0, T1) > 0
    assert later.period == waveform.period


@every
@pytest.mark.parametrize("factor", [-2.0, 0.5 + 1j])
def test_scaled(drive, factor):
    waveform, t = drive.waveform, inside(drive.waveform)
    for scaled in (factor * waveform, waveform * factor):
        assert_allclose(scaled(t), factor * waveform(t), rtol=1e-13)
        assert_allclose(scaled.taylor(t, 3), factor * waveform.taylor(t, 3), rtol=1e-13)
        assert_allclose(scaled.kinks(T0, T1), waveform.kinks(T0, T1))
    assert scaled.is_constant == waveform.is_constant
    assert (-waveform)(0.1) == -waveform(0.1)


@every
def test_scaled_by_an_array(drive):
    waveform, t = drive.waveform, inside(drive.waveform)
    factors = np.array([-2.0, 0.5])
    expected = np.multiply.outer(factors, waveform(t))
    for batch in (factors * waveform, waveform * factors):
        assert_allclose(batch(t), expected, rtol=1e-13)


@every
def test_sum_and_difference(drive):
    waveform, other = drive.waveform, lz.SignFlip(0.3, at=1.234)
    t = inside(waveform + other)
    assert_allclose((waveform + other)(t), waveform(t) + other(t), rtol=1e-13, atol=1e-13)
    assert_allclose((other - waveform)(t), other(t) - waveform(t), rtol=1e-13, atol=1e-13)
    assert_allclose(
        (waveform + other).taylor(t, 2), waveform.taylor(t, 2) + other.taylor(t, 2), rtol=1e-12
    )
    joined = np.sort([*waveform.kinks(T0, T1), 1.234])
    assert_allclose((waveform + other).kinks(T0, T1), joined)


@every
def test_then(drive):
    waveform, t = drive.waveform, inside(drive.waveform)
    both = waveform.then(lz.Linear(0.4), at=0.6)
    assert_allclose(both(t), np.where(t < 0.6, waveform(t), 0.4 * t), rtol=1e-13)
    assert both.scalar(0.6) == 0.4 * 0.6
    early = waveform.kinks(T0, T1)
    assert_allclose(both.kinks(T0, T1), [*early[early < 0.6], 0.6])


@every
def test_parts(drive):
    waveform, t = drive.waveform, inside(drive.waveform)
    assert_allclose(waveform.real(t), np.real(waveform(t)))
    if waveform.is_complex:
        assert_allclose(waveform.imag(t), np.imag(waveform(t)))
        assert not waveform.imag.is_complex
    else:
        assert waveform.real is waveform
        assert waveform.imag is None


def test_algebra_refuses_what_is_no_waveform():
    with pytest.raises(lz.LzopenError, match="`value` must be a number"):
        lz.Linear(1.0) + "more"
    with pytest.raises(lz.LzopenError, match="`factor` must be a number"):
        lz.Linear(1.0) * "twice"
    with pytest.raises(lz.LzopenError, match="`divisor` must not be zero"):
        lz.Linear(1.0) / 0.0
    with pytest.raises(lz.LzopenError, match="`divisor` must be a number"):
        lz.Linear(1.0) / lz.Linear(2.0)


@every
def test_numbers_add_as_constants(drive):
    waveform, t = drive.waveform, inside(drive.waveform)
    assert_allclose((waveform + 0.3)(t), waveform(t) + 0.3)
    assert_allclose((0.3 - waveform / 2.0)(t), 0.3 - waveform(t) / 2.0)


def test_arrays_beside_a_waveform_make_a_batch():
    steps, t = np.array([1.0, 2.0, 4.0]), np.array([-1.0, 0.5])
    for batch, expected in [
        (steps + lz.Linear(3.0), steps[:, None] + 3 * t),
        (lz.Linear(3.0) - steps, 3 * t - steps[:, None]),
        (lz.Linear(3.0) / steps, 3 * t / steps[:, None]),
    ]:
        assert_allclose(batch(t), expected)


# -- QuTiP and other processes


@every
def test_pickles_with_its_bound_method(drive):
    copy = pickle.loads(pickle.dumps(drive.waveform.scalar))
    assert copy(0.456) == drive.waveform.scalar(0.456)


@every
def test_qutip_takes_the_bound_method(drive):
    H = qutip.QobjEvo([qutip.sigmaz(), [qutip.sigmax(), drive.waveform.scalar]])
    for evo in (H, pickle.loads(pickle.dumps(H))):
        assert evo(0.456)[0, 1] == pytest.approx(drive.waveform(0.456), rel=1e-14)


# -- batches


def batch_and_singles(drive, factors=(1.0, 1.3, 0.8)):
    """A batch with every number varied that can be, and the same one by one."""
    numbers = parameters.collect(drive.waveform)
    names = [name for name in numbers if name not in drive.single]
    batch = {name: numbers[name] * np.array(factors) for name in names}
    singles = [{name: numbers[name] * factor for name in names} for factor in factors]
    whole = parameters.assign(drive.waveform, batch) if names else None
    return whole, [parameters.assign(drive.waveform, single) for single in singles]


in_batches = pytest.mark.parametrize(
    "drive",
    [pytest.param(d, id=n) for n, d in WAVEFORMS.items() if batch_and_singles(d)[0] is not None],
)


@in_batches
def test_batch_equals_the_loop(drive):
    batch, singles = batch_and_singles(drive)
    t = np.random.default_rng(5).uniform(T0, T1, 40)
    assert_allclose(batch(t), [single(t) for single in singles], rtol=1e-12, atol=1e-12)
    assert_allclose(batch.taylor(t, 3), [single.taylor(t, 3) for single in singles], rtol=1e-11)
    assert batch(0.3).shape == (3,)
    assert_allclose(batch(0.3), [single(0.3) for single in singles], rtol=1e-12, atol=1e-12)


@in_batches
def test_batch_with_times_of_its_own(drive):
    batch, singles = batch_and_singles(drive)
    t = np.random.default_rng(6).uniform(T0, T1, (3, 7))
    expected = [single(row) for single, row in zip(singles, t, strict=True)]
    assert_allclose(batch(t), expected, rtol=1e-12, atol=1e-12)


@in_batches
def test_kinks_of_a_batch_are_padded_with_nan(drive):
    batch, singles = batch_and_singles(drive)
    rows = np.broadcast_to(batch.kinks(T0, T1), (3, batch.kinks(T0, T1).shape[-1]))
    for row, single in zip(rows, singles, strict=True):
        assert_allclose(row[np.isfinite(row)], single.kinks(T0, T1), rtol=1e-12)
        assert (np.diff(np.isfinite(row).astype(int)) <= 0).all()  # NaN last


@in_batches
def test_asymptote_and_time_scale_of_a_batch(drive):
    batch, singles = batch_and_singles(drive)
    scales = [single.time_scale(T0, T1) for single in singles]
    assert batch.time_scale(T0, T1) == pytest.approx(min(scales))
    for side in (-1, 1):
        end, ends = batch.asymptote(side), [single.asymptote(side) for single in singles]
        if end is None:
            assert ends == [None] * 3
        else:
            assert_allclose(np.broadcast_to(end[0], 3), [c for c, _ in ends])
            assert {p for _, p in ends} == {end[1]}


@pytest.mark.parametrize("kind", ["linear", "step"])
def test_batch_of_tables(kind):
    rng = np.random.default_rng(8)
    times = np.cumsum(rng.uniform(0.1, 1.0, (2, 3, 9)), axis=-1) - 4
    values = rng.normal(size=(2, 3, 9))
    batch = lz.Tabulated(times, values, kind)
    t = rng.uniform(T0, T1, 50)
    assert batch(t).shape == (2, 3, 50)
    for i in np.ndindex(2, 3):
        single = lz.Tabulated(times[i], values[i], kind)
        assert_allclose(batch(t)[i], single(t), rtol=1e-12, atol=1e-12)
        assert_allclose(batch.derivative(t)[i], single.derivative(t), rtol=1e-12)
        row = batch.kinks(T0, T1)[i]
        assert_array_equal(row[np.isfinite(row)], single.kinks(T0, T1))


# -- landmarks


@every
def test_landmarks_are_in_order_and_each_once(drive):
    for waveform in (drive.waveform, drive.waveform.reversed(0.3), drive.waveform.shifted(0.3)):
        marks = waveform.landmarks()
        assert np.isfinite(marks).all()
        assert (np.diff(marks) > 0).all()


@every
def test_landmarks_are_reversed_with_the_waveform(drive):
    mirrored = 0.6 - drive.waveform.landmarks()[::-1]
    assert_allclose(drive.waveform.reversed(0.3).landmarks(), mirrored, rtol=1e-13, atol=1e-13)


def test_a_drive_for_ever_has_no_landmarks_and_a_burst_has_its_ends():
    square = lz.Square(1.0, 1.3)
    assert square.landmarks().size == 0
    assert (square * lz.Constant(0.0)).landmarks().size == 0
    assert lz.Linear(0.5).then(square, at=0.9).landmarks().tolist() == [0.0, 0.9]
    burst = lz.Constant(0.0).then(square, at=-1.0).then(lz.Constant(0.0), at=2.0)
    assert burst.landmarks().tolist() == [-1.0, 2.0]


def test_a_trapezoid_without_a_wait_has_one_top():
    pulse = lz.Trapezoid(4.0, rate=2.0)
    assert pulse.landmarks().tolist() == pulse.kinks(T0, T1).tolist() == [-2.0, 0.0, 2.0]
    batch = lz.Trapezoid(np.array([4.0, 0.0]), rate=2.0, wait=np.array([0.0, 2.0]))
    assert_array_equal(batch.landmarks(), [[-2.0, 0.0, 2.0], [-1.0, 1.0, np.nan]])


def test_table_is_held_outside_and_takes_the_new_value_at_a_step():
    table = lz.Tabulated([0.0, 1.0, 2.0], [5.0, -1.0, 1.0], kind="step")
    assert table([-9.0, 0.0, 0.999, 1.0, 2.0, 99.0]).tolist() == [5.0, 5.0, 5.0, -1.0, 1.0, 1.0]


def test_numbers_are_copied_and_locked():
    given = np.array([1.0, 2.0])
    waveform = lz.Linear(given)
    given[0] = 7.0
    assert waveform.rate[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        waveform.rate[0] = 7.0
