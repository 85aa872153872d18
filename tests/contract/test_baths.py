"""Thermal baths as jumps: golden rule, detailed balance, and three ways to the same equation."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from scipy import integrate, interpolate

import lzopen as lz
from lzopen import conventions
from lzopen.environments import ThermalBath
from lzopen.environments.spectrum import PowerSpectrum
from zoo import QUBIT


def ohmic(w):
    """J(ω) of a weak bath."""
    return 0.05 * w * np.exp(-w / 5.0)


def faint(w):
    """J(ω) of another one."""
    return 0.01 * w**2 * np.exp(-w / 3.0)


def some(size, seed):
    """A Hermitian matrix without symmetries."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return (matrix + matrix.conj().T) / (2 * size)


MODELS = {
    "qubit": QUBIT,
    "complex gap": lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5 - 0.8j),
    "V system": lz.VSystem(rate=1.0, splitting=1.2, couplings=[0.5, 0.3]),
    "chain": lz.Chain(slopes=[1.0, 0.0, -1.0], offsets=[0.0, 0.3, 0.8], couplings=[0.45, 0.4]),
    "spin 1": lz.SpinCrossing(spin=1.0, rate=1.0, gap=1.0),
    "spin 3/2": lz.SpinCrossing(spin=1.5, rate=1.0, gap=1.0),
}
models = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
MOMENTS = (-6.0, -1.0, -1e-3, 0.0, 0.4, 3.0)
Z, X = 0.5 * qutip.sigmaz(), 0.5 * qutip.sigmax()


def generator(model, t):
    """dρ/dt at one time, with the Hamiltonian."""
    return qutip.liouvillian(model.H(t), [op(t) for op in model.c_ops])


def still(bias, gap, *environments):
    return lz.TwoLevel(sweep=lz.Constant(bias), gap=gap, environments=environments)


# -- the spectrum


@pytest.mark.parametrize("temperature", [0.0, 0.3, 2.0])
def test_power_spectrum_is_that_of_qutip(temperature):
    bath = qutip.OhmicEnvironment(T=temperature, alpha=0.05, wc=5.0, s=1)
    by_function = PowerSpectrum(ohmic, temperature)
    by_environment = ThermalBath(Z, bath).power_spectrum
    for w in (-30.0, -1.2, -1e-3, 0.0, 1e-6, 0.7, 12.0):
        expected = bath.power_spectrum(w)
        assert by_function.at(w) == pytest.approx(expected, rel=1e-6, abs=1e-15)
        assert by_environment.at(w) == pytest.approx(expected, rel=1e-9 if w else 3e-8, abs=1e-15)


def test_power_spectrum_is_the_transform_of_the_correlations():
    """S(ω) = ∫C(t)e^{iωt}dt: the convention that rates hang on."""
    bath = qutip.DrudeLorentzEnvironment(T=0.8, lam=0.1, gamma=2.0).approximate("pade", Nk=6)
    spectrum = ThermalBath(Z, qutip.DrudeLorentzEnvironment(T=0.8, lam=0.1, gamma=2.0))
    for w in (-1.0, 0.0, 0.6, 3.0):
        total = sum(
            2 * (part.coefficient / (part.exponent - 1j * w)).real for part in bath.exponents
        )
        assert spectrum.power_spectrum.at(w) == pytest.approx(total, abs=2e-4)


def test_detailed_balance_holds_for_approximated_baths_too():
    """A few exponentials break S(−ω) = e^{−ω/T} S(ω); rates do not inherit that."""
    bath = qutip.DrudeLorentzEnvironment(T=0.5, lam=0.1, gamma=2.0).approximate("matsubara", Nk=1)
    broken = bath.power_spectrum(-1.0) / bath.power_spectrum(1.0)
    assert abs(broken - np.exp(-2.0)) > 1e-2
    spectrum = ThermalBath(Z, bath).power_spectrum
    assert spectrum.at(-1.0) / spectrum.at(1.0) == pytest.approx(np.exp(-2.0), rel=1e-12)


@pytest.mark.parametrize(
    ("power", "limit"), [(1.0, 0.06), (1.000001, 0.0), (1.01, 0.0), (1.2, 0.0), (3.0, 0.0)]
)
def test_spectrum_at_rest_is_the_limit(power, limit):
    spectrum = PowerSpectrum(lambda w: 0.1 * w**power, 0.3)
    assert spectrum.at(0.0) == pytest.approx(limit, rel=1e-6)


@pytest.mark.parametrize(
    "shape",
    [
        lambda w: w / (1 + w**2),
        lambda w: w / (1 + w / 3e-6),  # it bends far below the temperature
        lambda w: w * (1 + np.sqrt(w)),
        interpolate.interp1d([0.0, 1.0, 2.0], [0.0, 1.0, 0.0]),
        interpolate.CubicSpline([0.0, 1.0, 2.0, 3.0], [0.0, 0.5, 0.4, 0.3]),
    ],
    ids=["Drude", "slow", "root", "table", "spline"],
)
def test_ohmic_spectra_of_any_shape_have_a_limit(shape):
    slope = shape(1e-12) / 1e-12
    assert PowerSpectrum(shape, 0.3).at(0.0) == pytest.approx(0.6 * slope, rel=2e-3)


@pytest.mark.parametrize("power", [0.5, 0.9, 0.999999])
def test_a_sub_ohmic_bath_has_no_rate_of_dephasing(power):
    spectrum = PowerSpectrum(lambda w: 0.1 * w**power, 0.3)
    with pytest.raises(lz.LzopenError, match="`spectrum` must have a finite limit S"):
        spectrum.at(0.0)


def test_a_sub_ohmic_environment_has_none_either():
    """QuTiP gives one made from J a finite number, the slope between two small frequencies."""
    bath = qutip.BosonicEnvironment.from_spectral_density(lambda w: np.sqrt(w), wMax=9.0, T=0.3)
    assert 1e4 < bath.power_spectrum(0.0) < np.inf
    with pytest.raises(lz.LzopenError, match="`spectrum` must have a finite limit S"):
        _ = QUBIT.with_environment(ThermalBath(Z, bath)).a_ops


@pytest.mark.parametrize("w", [1.0, 0.0, -1.0])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda w: "0.1", "must give real numbers, but is J.* = '0.1'"),
        (lambda w: None, "must give real numbers, but is J.* = None"),
        (lambda w: 0.1 * w + 0j, "must give real numbers"),
        (lambda w: np.array([0.1 * w]), "must give real numbers, but is J.* = array"),
        (lambda w: -w, "must be finite and not negative, but is J.* = -"),
        (lambda w: np.nan, "must be finite and not negative, but is J.* = nan"),
        (lambda w: np.float64(np.inf), "must be finite and not negative, but is J.* = inf"),
    ],
)
def test_a_spectrum_that_gives_no_strength_is_refused(bad, message, w):
    with pytest.raises(lz.LzopenError, match=f"`spectrum` {message}"):
        PowerSpectrum(bad, 0.3).at(w)


def test_a_negative_approximation_has_its_own_remedy():
    bath = qutip.DrudeLorentzEnvironment(T=0.2, lam=0.1, gamma=2.0)
    poor = bath.approximate("matsubara", Nk=1)
    assert poor.power_spectrum(0.0) < -0.1
    with pytest.raises(lz.LzopenError, match="more exponents, or the environment itself"):
        _ = QUBIT.with_environment(ThermalBath(Z, poor)).c_ops[0](0.0)


@pytest.mark.parametrize("w", [-400.0, 400.0])
def test_frequencies_far_above_the_temperature_are_no_overflow(w):
    bath = qutip.OhmicEnvironment(T=0.1, alpha=0.05, wc=50.0, s=1)
    by_function = PowerSpectrum(lambda w: 0.05 * w * np.exp(-w / 50.0), 0.1)
    assert PowerSpectrum(bath, 0.1).at(w) == pytest.approx(by_function.at(w), abs=1e-300)


# -- rates


@models
@pytest.mark.parametrize("temperature", [0.0, 0.4])
def test_rates_follow_the_golden_rule(model, temperature):
    """The flow from eigenstate k to j is S(E_k − E_j)|A_jk|², at every instant."""
    coupling = some(model.n_levels, 1)
    spectrum = PowerSpectrum(ohmic, temperature)
    jumps = ThermalBath(coupling, ohmic, temperature).c_ops(model.terms)
    for t in MOMENTS:
        energies, states = model.eigenstates(t)
        inside = [states.conj().T @ jump(t).full() @ states for jump in jumps]
        found = sum(np.abs(jump) ** 2 for jump in inside)
        strength = [[spectrum.at(k - j) for k in energies] for j in energies]
        expected = strength * np.abs(states.conj().T @ coupling @ states) ** 2
        apart = ~np.eye(model.n_levels, dtype=bool)
        assert_allclose(found[apart], expected[apart], rtol=1e-9, atol=1e-15)


@models
@pytest.mark.parametrize("temperature", [0.0, 0.15, 2.0])
def test_every_instant_keeps_its_gibbs_state(model, temperature):
    """Detailed balance, of one bath and of several at one temperature."""
    one = ThermalBath(some(model.n_levels, 2), ohmic, temperature)
    other = ThermalBath(some(model.n_levels, 3), faint, temperature)
    both = model.with_environment(one, other)
    for t in MOMENTS:
        gibbs = qutip.operator_to_vector(both.thermal_state(t, temperature))
        assert_allclose((generator(both, t) @ gibbs).full(), 0, atol=3e-14)


def test_the_gibbs_state_is_the_only_one_that_stays():
    model = MODELS["V system"].with_environment(ThermalBath(some(3, 4), ohmic, 0.6))
    for t in (-2.0, 0.3):
        found = qutip.steadystate(generator(model, t))
        assert_allclose(found.full(), model.thermal_state(t, 0.6).full(), atol=1e-10)


@pytest.mark.parametrize("temperature", [0.0, 0.5])
@pytest.mark.parametrize("angle", [0.0, 0.7, np.pi / 2])
def test_a_qubit_in_a_bath_relaxes_and_dephases(angle, temperature):
    """One bath is Relaxation with S(E) + S(−E) and Dephasing with S(0), in the moving basis.

    The rate of Relaxation is a constant, so the distance of the energies must be.
    """
    coupling = 0.5 * (np.cos(angle) * qutip.sigmaz() + np.sin(angle) * qutip.sigmax())
    turning = lz.TwoLevel(sweep=lz.Constant(0.6), gap=lz.Rotating(0.8, omega=1.1))
    bath = turning.with_environment(ThermalBath(coupling, ohmic, temperature))
    spectrum = PowerSpectrum(ohmic, temperature)
    for t in (0.0, 0.9, 2.3):
        states = turning.eigenstates(t)[1]
        inside = states.conj().T @ coupling.full() @ states
        relaxing = (spectrum.at(1.0) + spectrum.at(-1.0)) * abs(inside[0, 1]) ** 2
        weights = np.diag(np.diagonal(inside).real)
        same = turning.with_environment(
            lz.Relaxation(relaxing, temperature),
            lz.Dephasing(2 * spectrum.at(0.0), weights, basis="adiabatic"),
        )
        assert_allclose(generator(bath, t).full(), generator(same, t).full(), atol=1e-12)


def test_a_static_qubit_relaxes_at_the_golden_rate():
    energy, temperature = 1.3, 0.5
    model = still(0.0, energy, ThermalBath(Z, ohmic, temperature))
    spectrum = PowerSpectrum(ohmic, temperature)
    rate = 0.25 * (spectrum.at(energy) + spectrum.at(-energy))
    excited = qutip.Qobj(model.eigenstates(0.0)[1][:, 1])
    times = np.linspace(0.0, 40.0, 9)
    run = lz.evolve(model, times=times, initial=excited)
    end = 1 / (1 + np.exp(energy / temperature))
    expected = end + (1 - end) * np.exp(-rate * times)
    assert_allclose(run.adiabatic_population[:, 1], expected, atol=1e-6)


def test_steps_of_a_ladder_add_coherently():
    """Spin 1: all steps share one energy, and the jump is the lowering operator of the field."""
    spin = MODELS["spin 1"]
    coupling = qutip.jmat(1, "x") - 0.5 * qutip.jmat(1, "z")
    jumps = ThermalBath(coupling, ohmic, 0.4).c_ops(spin.terms)
    spectrum = PowerSpectrum(ohmic, 0.4)
    assert len(jumps) == 7
    for t in (-2.0, 0.0, 1.7):
        energies, states = spin.eigenstates(t)
        acting = [jump(t).full() for jump in jumps if jump(t).norm() > 1e-12]
        assert len(acting) == 3  # down, up and dephasing
        step = energies[1] - energies[0]
        inside = states.conj().T @ coupling.full() @ states
        down = np.sqrt(spectrum.at(step)) * states @ np.triu(inside, 1) @ states.conj().T
        assert min(np.abs(jump - down).max() for jump in acting) < 1e-14


def test_a_wide_width_adds_all_jumps():
    model = MODELS["chain"]
    jumps = ThermalBath(some(3, 5), ohmic, 0.4, width=np.inf).c_ops(model.terms)
    acting = [jump for jump in jumps if jump(0.3).norm() > 1e-12]
    assert len(acting) == 1
    narrow = ThermalBath(some(3, 5), ohmic, 0.4).c_ops(model.terms)
    assert_allclose(acting[0](0.3).full(), sum(jump(0.3).full() for jump in narrow), atol=1e-14)


@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_equal_energies_have_no_preferred_basis(temperature):
    """Any basis of degenerate levels may come out of a diagonalisation; none is preferred."""
    turn = np.eye(3, dtype=complex)
    turn[1:, 1:] = qutip.rand_unitary(2, seed=3).full()
    coupling = some(3, 6)
    ladder = lz.Model(terms=[(np.diag([1.0, 0.0, 0.0]), lz.Constant(1.3))])
    plain = ladder.with_environment(ThermalBath(coupling, ohmic, temperature))
    turned = turn @ coupling @ turn.conj().T
    other = ladder.with_environment(ThermalBath(turned, ohmic, temperature))
    super_turn = np.kron(turn.conj(), turn)
    expected = super_turn @ generator(plain, 0.0).full() @ super_turn.conj().T
    assert_allclose(generator(other, 0.0).full(), expected, atol=1e-14)


def test_nothing_is_thrown_upwards_by_a_cold_bath():
    cold = ThermalBath(some(3, 7), ohmic, 0.0).c_ops(MODELS["chain"].terms)
    warm = ThermalBath(some(3, 7), ohmic, 0.1).c_ops(MODELS["chain"].terms)
    assert (len(cold), len(warm)) == (4, 7)


# -- three ways to one equation


@pytest.mark.parametrize(
    "name",
    ["qubit", "V system", *(pytest.param(n, marks=pytest.mark.slow) for n in ("chain", "spin 1"))],
)
def test_jumps_and_redfield_tensor_agree_on_a_sweep(name):
    """mesolve with c_ops, brmesolve with a_ops, and a plain call with QuTiP's own objects."""
    model = MODELS[name]
    coupling = qutip.jmat(1, "z")
    if name != "spin 1":
        coupling = qutip.Qobj(some(model.n_levels, 8).real)
    bath = model.with_environment(ThermalBath(coupling, ohmic, 0.5))
    times = np.linspace(-3.0, 3.0, 4)
    runs = [lz.evolve(bath, times=times, solver=s) for s in ("auto", "mesolve")]
    assert json.loads(runs[0].attrs["lzopen"])["solver"] == "brmesolve"
    assert_allclose(runs[1].population, runs[0].population, atol=1e-9)
    plain = qutip.brmesolve(
        [[qutip.Qobj(matrix), lambda t, w=w: complex(w(t))] for matrix, w in model.terms],
        qutip.basis(model.n_levels, 0),
        times,
        [(coupling, qutip.OhmicEnvironment(T=0.5, alpha=0.05, wc=5.0, s=1))],
        sec_cutoff=1e-8,
        options={"atol": 1e-11, "rtol": 1e-9, "max_step": 0.2, "nsteps": 100_000},
    )
    expected = [state.diag() for state in plain.states]
    assert_allclose(runs[0].population, expected, atol=1e-7)
    assert_allclose(runs[0].survival, 1, atol=1e-9)


def test_sweep_in_an_ohmic_bath_by_secular_redfield():
    """A published .1741, with the strength as OQuPy writes it."""
    alpha = conventions.ohmic_strength_from_oqupy(0.02)
    bath = qutip.OhmicEnvironment(T=0.1, alpha=alpha, wc=5.0, s=1)
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0)
    run = lz.evolve(model.with_environment(ThermalBath(Z, bath)), times=[-10.0, 10.0])
    assert run.population[-1, 0].item() == pytest.approx(0.1741, abs=5e-5)


def test_other_environments_go_along():
    """brmesolve takes them as c_ops; the result is that of mesolve with all of them."""
    many = QUBIT.with_environment(
        ThermalBath(Z, ohmic, 0.5),
        lz.Dephasing(0.05),
        lz.Relaxation(0.1, temperature=0.2),
        lz.Decay(0.03, source=1, target=0),
        ThermalBath(X, faint, 0.1),
        lz.Dephasing(0.07, basis="adiabatic"),
    )
    assert len(many.a_ops) == 2
    assert len(many.without_baths().environments) == 4
    runs = [lz.evolve(many, times=[-4.0, 4.0], solver=s) for s in ("brmesolve", "mesolve")]
    assert_allclose(runs[1].population, runs[0].population, atol=1e-8)


def secular(model, coupling, spectrum, t):
    """dρ/dt at one time as a matrix, from sums over equal energies, apart from the package."""
    H = sum(w(t) * matrix for matrix, w in model.terms)
    energies, states = np.linalg.eigh(H)
    inside = states.conj().T @ coupling @ states
    given = energies - energies[:, None]
    one = np.eye(len(H))
    total = -1j * (np.kron(one, H) - np.kron(H.T, one))
    for w in np.unique(given.round(9)):
        jump = states @ np.where(np.abs(given - w) < 1e-8, inside, 0) @ states.conj().T
        rate = jump.conj().T @ jump
        both = np.kron(jump.conj(), jump) - 0.5 * (np.kron(one, rate) + np.kron(rate.T, one))
        total += spectrum.at(w) * both
    return total


def secular_populations(model, bath, start, times):
    """At the second of two times, by a solver of SciPy."""
    found = integrate.solve_ivp(
        lambda t, rho: secular(model, bath.coupling.full(), bath.power_spectrum, t) @ rho,
        times,
        start.proj().full().ravel(order="F"),
        rtol=1e-8,
        atol=1e-10,
        max_step=0.2,
    )
    return found.y[:: model.n_levels + 1, -1].real


@pytest.mark.parametrize("real", [True, False], ids=["real", "complex"])
def test_a_ladder_follows_its_secular_master_equation(real):
    """By itself evolve takes brmesolve only where the tensor of QuTiP is right."""
    spin = lz.SpinCrossing(spin=1.0, rate=0.5, gap=0.8)
    coupling = some(3, 2).real if real else 2 * some(3, 2)
    bath = ThermalBath(coupling, lambda w: 0.2 * w, 0.7)
    exact = secular_populations(spin, bath, spin.ground_state(-4.0), (-4.0, 4.0))
    run = lz.evolve(spin.with_environment(bath), times=[-4.0, 4.0], initial="ground")
    assert json.loads(run.attrs["lzopen"])["solver"] == ("brmesolve" if real else "mesolve")
    assert_allclose(run.population[-1], exact, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "coupling"),
    [(MODELS["spin 1"], some(3, 2)), (MODELS["complex gap"], Z), (QUBIT, qutip.sigmay())],
    ids=["coupling", "H", "qubit"],
)
def test_redfield_refuses_what_is_complex(model, coupling):
    model = model.with_environment(ThermalBath(coupling, ohmic, 0.5))
    with pytest.raises(lz.LzopenError, match="`model` must be real for brmesolve"):
        _ = model.a_ops
    with pytest.raises(lz.LzopenError, match="solver='mesolve'"):
        lz.evolve(model, times=[0.0, 0.5], solver="brmesolve")


@pytest.mark.parametrize(
    "model",
    [
        QUBIT.with_environment(ThermalBath(qutip.sigmay(), ohmic, 0.5)),
        QUBIT.with_environment(ThermalBath(Z, ohmic, 0.5), lz.Leak(0, 0.1)),
        QUBIT.with_environment(ThermalBath(Z, ohmic, 0.5), ThermalBath(X, ohmic, 0.5, width=0.1)),
        lz.Model(
            terms=[(np.diag([1.0, 0.0, 0.0]), lz.Constant(1.0))],
            environments=[ThermalBath(qutip.jmat(1, "x"), ohmic, 0.5)],
        ),
    ],
    ids=["complex", "leak", "widths", "equal energies"],
)
def test_auto_takes_mesolve_where_redfield_fails(model):
    run = lz.evolve(model, times=[0.0, 0.5], initial=1)
    assert json.loads(run.attrs["lzopen"])["solver"] == "mesolve"


def test_a_bath_and_a_leak_are_the_twin_with_a_sink():
    leaky = QUBIT.with_environment(ThermalBath(Z, ohmic, 0.5), lz.Leak(1, 0.3))
    times = np.linspace(-3.0, 3.0, 4)
    run = lz.evolve(leaky, times=times)
    twin = leaky.with_sink()
    options = twin.solver_options(-3.0, 3.0)
    start = twin.embed(qutip.basis(2, 0))
    exact = qutip.mesolve(
        twin.H, start, times, twin.c_ops, e_ops=twin.projectors, options=options
    ).expect
    assert_allclose(run.population, np.transpose(exact), atol=1e-6)
    assert run.survival[-1] < 0.9


KINKED = {
    "square": lz.Square(1.5, np.pi, bias=0.2),
    "table": lz.Tabulated([-0.5, 0.1, 0.8, 1.5], [-1.0, 2.0, 0.3, 1.0], kind="linear"),
    "steps": lz.Tabulated([-0.5, 0.1, 0.8, 1.5], [-1.0, 2.0, 0.3, 1.0], kind="step"),
}


@pytest.mark.parametrize("sweep", KINKED.values(), ids=KINKED)
def test_a_bath_through_kinks(sweep):
    drive = lz.TwoLevel(sweep=sweep, gap=0.7)
    model = drive.with_environment(ThermalBath(Z, ohmic, 0.5))
    times = np.linspace(-0.5, 1.5, 3)
    runs = [lz.evolve(model, times=times, solver=s) for s in ("brmesolve", "mesolve")]
    assert drive.kinks(-0.5, 1.5).size
    assert_allclose(runs[1].population, runs[0].population, atol=1e-8)


# -- what is asked of a spectrum


@pytest.mark.parametrize("solver", ["brmesolve", "mesolve"])
@pytest.mark.parametrize("gap", [0.7, 1e-3])
def test_a_table_is_asked_only_for_what_the_sweep_needs(gap, solver):
    """Levels part up to 4.1; QuTiP's guess of a first step would ask thousands of times that."""
    w = np.linspace(0.0, 6.0, 61)
    table, endless = interpolate.interp1d(w, ohmic(w)), lambda x: np.interp(x, w, ohmic(w))
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=gap)
    runs = [
        lz.evolve(model.with_environment(ThermalBath(Z, J, 0.5)), times=[-4.0, 4.0], solver=solver)
        for J in (table, endless)
    ]
    assert_allclose(runs[0].population, runs[1].population, atol=1e-6)


@pytest.mark.parametrize("solver", ["brmesolve", "mesolve"])
@pytest.mark.parametrize(
    "bath",
    [
        qutip.OhmicEnvironment(T=0.5, alpha=0.05, wc=5.0, s=1),
        qutip.DrudeLorentzEnvironment(T=0.5, lam=0.1, gamma=2.0),
    ],
    ids=["Ohmic", "Drude"],
)
def test_warm_environments_overflow_nowhere(bath, solver):
    """Warnings are errors here."""
    model = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.01)
    run = lz.evolve(
        model.with_environment(ThermalBath(Z, bath)), times=[-8.0, 8.0], solver=solver, tol=1e-4
    )
    assert run.error.max() <= 1e-4


COARSE = {"progress_bar": "", "method": "tsit5", "atol": 1e-6, "rtol": 1e-4}
slow = pytest.mark.slow


@pytest.mark.parametrize(
    ("spin", "ntraj"),
    [(0.5, 40), (1.0, 20), pytest.param(1.5, 20, marks=slow), pytest.param(2.0, 10, marks=slow)],
)
def test_trajectories_meet_the_master_equation(spin, ntraj):
    plain = lz.SpinCrossing(spin=spin, rate=1.0, gap=1.0)
    bath = ThermalBath(some(plain.n_levels, 9), lambda w: 2.0 * w * np.exp(-w / 5), 0.5)
    times, options = [-1.0, 0.5], COARSE | {"ntraj": ntraj}
    model = plain.with_environment(bath)
    jumps = lz.evolve(model, times=times, solver="mcsolve", seed=5, options=options)
    average = secular_populations(plain, bath, qutip.basis(plain.n_levels, 0), times)
    assert (np.abs(jumps.population[-1] - average) <= 4 * jumps.error[-1] + 1e-3).all()
    assert jumps.error.max() > 0.01
    assert json.loads(jumps.attrs["lzopen"])["trajectories"] == ntraj


def test_trajectories_of_a_ladder_that_leaks():
    """The sink takes operators that move, with what round-off leaves in their elements."""
    plain = lz.SpinCrossing(spin=1.0, rate=1.0, gap=1.0)
    bath = ThermalBath(some(3, 9), lambda w: 0.4 * w * np.exp(-w / 5), 0.5)
    model = plain.with_environment(bath, lz.Leak(0, 1.0))
    options, ask = COARSE | {"ntraj": 20}, {"times": [-0.5, 0.5], "tol": 1e-4}
    jumps = lz.evolve(model, **ask, solver="mcsolve", seed=5, options=options)
    average = lz.evolve(model, **ask)
    assert (np.abs(jumps.population - average.population) <= 4 * jumps.error + 1e-3).all()
    assert 0 < jumps.survival[-1] < 1


def test_a_sweep_stays_positive():
    model = MODELS["chain"].with_environment(ThermalBath(2 * some(3, 10).real, ohmic, 0.1))
    options = model.solver_options(-4.0, 4.0, solver="brmesolve")
    result = qutip.brmesolve(
        model.H,
        qutip.basis(3, 0),
        np.linspace(-4.0, 4.0, 9),
        model.a_ops,
        model.sec_cutoff,
        c_ops=model.without_baths().c_ops,
        options=options,
    )
    for state in result.states:
        assert state.tr() == pytest.approx(1, abs=1e-8)
        assert state.eigenenergies().min() > -1e-8


def test_slow_cold_sweep_follows_the_ground_state():
    bath = ThermalBath(qutip.jmat(1, "z"), lambda w: 0.6 * w, 0.0)
    model = lz.SpinCrossing(spin=1.0, rate=0.5, gap=0.8).with_environment(bath)
    run = lz.evolve(model, times=[-6.0, 20.0], initial="ground", tol=1e-4)
    closed = lz.evolve(lz.SpinCrossing(spin=1.0, rate=0.5, gap=0.8), times=[-6.0, 20.0])
    assert run.adiabatic_population[-1, 0] > 0.95
    assert closed.adiabatic_population[-1, 0] < 0.8


# -- as a part of a model


def test_temperature_is_a_parameter_and_couplings_are_not():
    model = QUBIT.with_environment(ThermalBath(Z, ohmic, 0.5))
    assert set(model.parameters) == {"sweep.rate", "gap", "thermal_bath.temperature"}
    colder = model.with_parameters({"temperature": 0.1})
    assert colder.environments[0].temperature == 0.1
    batch = model.with_parameters({"temperature": np.array([0.1, 0.2])})
    for name in ("c_ops", "a_ops", "baths"):
        with pytest.raises(lz.LzopenError, match=f"`{name}` belongs to a single model"):
            getattr(batch, name)


class Table:
    """A function that is an object."""

    def __init__(self):
        self.height, self.tables, self.name = 0.2, [1.0], "measured"

    def __call__(self, w):
        return self.height * w


@pytest.mark.parametrize(
    ("spectrum", "temperature", "kept"),
    [
        (ohmic, 0.5, "ohmic"),
        (Table(), 0.5, {"class": "Table", "height": 0.2, "name": "measured"}),
        (
            qutip.DrudeLorentzEnvironment(T=0.5, lam=0.1, gamma=2.0, tag="phonons"),
            None,
            {"class": "DrudeLorentzEnvironment", "T": 0.5, "lam": 0.1, "gamma": 2.0, "Nk": 10}
            | {"tag": "phonons"},
        ),
    ],
    ids=["function", "object", "environment"],
)
def test_the_record_says_which_bath_it_was(spectrum, temperature, kept):
    model = QUBIT.with_environment(ThermalBath(Z, spectrum, temperature))
    text = lz.evolve(model, times=[0.0, 0.5]).attrs["lzopen"]
    (bath,) = json.loads(text)["model"]["environments"]
    assert "0x" not in text
    assert (bath["class"], bath["temperature"], bath["spectrum"]) == (
        "ThermalBath", temperature, kept)  # fmt: skip
    assert bath["coupling"][0][0] == [0.5, 0.0]


def test_a_bath_pickles_with_its_bound_methods():
    model = pickle.loads(pickle.dumps(MODELS["spin 1"].with_environment(ThermalBath(
        qutip.jmat(1, "z"), ohmic, 0.5))))  # fmt: skip
    copies = pickle.loads(pickle.dumps(model.c_ops))
    assert all(copy(0.4) == op(0.4) for copy, op in zip(copies, model.c_ops, strict=True))


def test_jumps_remember_no_other_instant():
    operators = ThermalBath(some(3, 1), ohmic, 0.4).c_ops(MODELS["chain"].terms)
    first = [op(0.7).full() for op in operators]
    _ = [op(-2.0) for op in operators]
    assert_allclose([op(0.7).full() for op in operators], first, rtol=0)


# -- what cannot be carried is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((qutip.destroy(2), ohmic, 0.1), "`coupling` must be a Hermitian matrix"),
        (("sz", ohmic, 0.1), "`coupling` must be a Hermitian matrix"),
        ((Z, 0.1, 0.1), "`spectrum` must be a function"),
        ((Z, ohmic), "`temperature` must be given"),
        ((Z, ohmic, -0.1), "`temperature` must not be negative"),
        ((Z, ohmic, np.inf), "`temperature` must be finite, but is inf; rates grow with T"),
        ((Z, qutip.OhmicEnvironment(0.1, 0.1, 5.0, 1), 0.1), "`temperature` must be left out"),
        ((Z, ohmic, 0.1, -1.0), "`width` must be positive"),
        ((Z, ohmic, 0.1, np.array([0.1, 0.2])), "`width` must be"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(lz.LzopenError, match=message):
        ThermalBath(*arguments)


def test_the_size_of_the_coupling_is_checked():
    with pytest.raises(lz.LzopenError, match=r"`coupling` must have shape \(3, 3\)"):
        MODELS["chain"].with_environment(ThermalBath(Z, ohmic, 0.1))


BATH = QUBIT.with_environment(ThermalBath(Z, ohmic, 0.5))
NAMELESS = qutip.ExponentialBosonicEnvironment([0.1], [1.0], [-0.1], [1.0])


@pytest.mark.parametrize(
    ("model", "solver", "message"),
    [
        (BATH, "sesolve", "carry the model's environments"),
        (BATH, "engine", "ThermalBath, which follows the energy eigenstates"),
        (BATH, "heomsolve", "`spectrum` must be a sum of exponentials here"),
        (QUBIT, "brmesolve", "fit a model without thermal bath"),
        (QUBIT.with_environment(lz.Dephasing(0.1)), "heomsolve", "without thermal bath"),
        (BATH.with_environment(lz.Leak(0, 0.1)), "brmesolve", "non-Hermitian Hamiltonian"),
        (BATH.with_environment(ThermalBath(X, ohmic, 0.5, width=0.1)), "brmesolve", "`width` must"),
        (QUBIT.with_environment(ThermalBath(Z, NAMELESS)), "auto", "must have a temperature"),
    ],
)
def test_what_a_solver_cannot_carry_is_refused(model, solver, message):
    with pytest.raises(lz.LzopenError, match=message):
        lz.evolve(model, times=[-1.0, 1.0], solver=solver)


def test_limits_of_sweeps_in_a_bath_are_refused():
    with pytest.raises(lz.LzopenError, match="ThermalBath, which follows the energy eigenstates"):
        lz.transition_matrix(BATH)


def test_a_op_of_a_leak_is_refused_by_name():
    with pytest.raises(lz.LzopenError, match="Leak"):
        _ = BATH.with_environment(lz.Leak(0, 0.1)).a_ops


def test_options_are_those_of_the_solver():
    ask = {"times": [-1.0, 1.0], "solver": "brmesolve"}
    lz.evolve(BATH, **ask, options={"tensor_type": "dense"})
    with pytest.raises(lz.LzopenError, match="known to brmesolve"):
        lz.evolve(BATH, **ask, options={"max_depth": 4})
    with pytest.raises(lz.LzopenError, match="leave the tolerances"):
        lz.evolve(BATH, **ask, options={"rtol": 1e-4})
