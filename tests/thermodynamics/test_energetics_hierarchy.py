"""The ledger of baths with memory: against closed forms, explicit oscillators and weak coupling."""

from __future__ import annotations

import json
from contextlib import nullcontext

import numpy as np
import pytest
import qutip
from numpy.testing import assert_allclose
from qutip import ExponentialBosonicEnvironment
from scipy import integrate

import lzopen as lz
from lzopen.dynamics import runs

Z, X = 0.5 * qutip.sigmaz(), 0.5 * qutip.sigmax()
CROSSING = lz.TwoLevel(sweep=lz.Linear(rate=1.0), gap=1.0)
LEVELS = ("internal_energy", "work", "energy_received", "interaction_energy", "bath_heat")


def drude(strength, cutoff=2.0, temperature=0.8, terms=3):
    bath = qutip.DrudeLorentzEnvironment(T=temperature, lam=strength, gamma=cutoff)
    return bath.approximate("pade", Nk=terms)


def mode(g, omega, loss):
    """C(t) = g² e^(−κt/2 − iΩt), which one oscillator has that loses quanta at T = 0."""
    decay, half = 0.5 * loss + 1j * omega, 0.5 * g**2
    slow, fast = [half, half], [decay, np.conj(decay)]
    return ExponentialBosonicEnvironment(slow, fast, [-1j * half, 1j * half], fast, T=0.0)


def ledger(model, times, **keywords):
    return lz.energetics(model, times=times, equation="hierarchy", **keywords)


def in_bath(model, *pairs):
    return model.with_environment(*(lz.ThermalBath(A, bath) for A, bath in pairs))


# -- levels that never cross


def phase_integrals(bath, t):
    """∫C(s)ds and ∫(t − s)C(s)ds from 0 to t, of a sum of exponentials."""
    once, twice = np.zeros_like(t, dtype=complex), np.zeros_like(t, dtype=complex)
    for part in bath.exponents:
        c, v = part.coefficient, part.exponent
        once += c * (1 - np.exp(-v * t)) / v
        twice += c * (t / v - (1 - np.exp(-v * t)) / v**2)
    return once, twice


@pytest.mark.parametrize(
    "bath",
    [
        drude(0.1),
        drude(0.02, cutoff=80.0, temperature=20.0),
        qutip.UnderDampedEnvironment(T=0.5, lam=0.4, gamma=0.3, w0=1.5).approximate(
            "matsubara", Nk=2
        ),
        mode(0.3, omega=2.0, loss=0.4),
    ],
    ids=["Drude", "fast Drude", "underdamped", "mode"],
)
@pytest.mark.parametrize("name", ["qubit", "three levels"])
def test_independent_bosons(bath, name):
    """Where A and H commute the bath is displaced for good: ⟨A⊗B⟩ = 2⟨A²⟩ Im∫C(s)ds."""
    slopes = {"qubit": [0.5, -0.5], "three levels": [0.7, 0.1, -0.6]}[name]
    places = {"qubit": [1.0, -1.0], "three levels": [1.0, 0.3, -0.8]}[name]
    swept = lz.Model(terms=[(np.diag(slopes), lz.Linear(1.0))])
    size = len(slopes)
    start = qutip.Qobj(np.sqrt(np.arange(1.0, size + 1)) / np.sqrt(size * (size + 1) / 2))
    t = np.linspace(-2.0, 2.0, 9)
    run = ledger(in_bath(swept, (np.diag(places), bath)), t, initial=start, tol=1e-5)
    weights = np.abs(start.full()[:, 0]) ** 2
    once, twice = phase_integrals(bath, t - t[0])
    held = 2 * (weights @ np.square(places)) * once.imag
    off = run.energy_error.values + 1e-12
    assert off.max() < 1e-5
    assert np.abs(held).max() > 0.01
    assert np.all(np.abs(run.interaction_energy[:, 0] - held) <= off)
    assert np.all(np.abs(run.bath_heat[:, 0] - held) <= off)
    assert_allclose(run.energy_current, 0, atol=1e-9)
    assert_allclose(run.work, (weights @ slopes) * (t - t[0]), atol=1e-9)
    # Coherences turn and fall, by the square of the distance of the places.
    apart = np.subtract.outer(places, places)
    squared = np.subtract.outer(np.square(places), np.square(places))
    bare = np.sqrt(np.outer(weights, weights))
    states = bare * np.exp(
        -(apart**2) * twice.real[:, None, None] - 1j * squared * twice.imag[:, None, None]
    )
    expected = qutip_entropy(states)
    assert_allclose(run.entropy, expected, atol=2e-4)
    if bath.T:
        assert_allclose(run.entropy_production, expected - held / bath.T, atol=3e-4)
        assert run.entropy_production.min() > -1e-12
    else:
        assert np.all(np.isposinf(run.entropy_production[1:]))


def qutip_entropy(states):
    return [qutip.entropy_vn(qutip.Qobj(state)) for state in states]


# -- one and two damped oscillators, solved whole


def whole(model, couplings, modes, times, start, size):
    """Flows and energies of qubit and oscillators in one master equation."""
    lower = [
        qutip.tensor(
            qutip.qeye(2),
            *(qutip.destroy(size) if k == j else qutip.qeye(size) for k in range(len(modes))),
        )
        for j in range(len(modes))
    ]
    rest = [qutip.qeye(size)] * len(modes)
    joint = [[qutip.tensor(qutip.Qobj(matrix), *rest), w.coefficient] for matrix, w in model.terms]
    A = [qutip.tensor(coupling, *rest) for coupling in couplings]
    for coupling, b, (g, omega, _) in zip(A, lower, modes, strict=True):
        joint += [omega * b.dag() * b, g * coupling * (b + b.dag())]
    losses = [np.sqrt(loss) * b for b, (_, _, loss) in zip(lower, modes, strict=True)]
    H = qutip.QobjEvo(joint)
    vacuum = qutip.tensor(start, *[qutip.basis(size, 0)] * len(modes))
    options = {"atol": 1e-11, "rtol": 1e-9, "max_step": 0.2, "nsteps": 100_000, "method": "vern9"}
    run = qutip.mesolve(H, vacuum, times, losses, options=options | {"progress_bar": ""})
    found = {"held": [], "inwards": [], "outwards": []}
    for t, state in zip(times, run.states, strict=True):
        own = qutip.tensor(qutip.Qobj(model.hamiltonian(t)), *rest)
        rows = {name: [] for name in found}
        for coupling, b, (g, omega, loss) in zip(A, lower, modes, strict=True):
            field = g * (b + b.dag())
            turned = -g * (1j * omega + 0.5 * loss) * b
            rows["held"].append(qutip.expect(coupling * field, state))
            flow = -1j * (own * coupling - coupling * own) * field
            rows["inwards"].append(qutip.expect(flow, state).real)
            rows["outwards"].append(qutip.expect(coupling * (turned + turned.dag()), state).real)
        for name, row in rows.items():
            found[name].append(row)
    found = {name: np.array(rows) for name, rows in found.items()}
    states = np.array([state.ptrace(0).full() for state in run.states])
    energy = np.einsum("tij,tji->t", model.hamiltonian(times), states).real
    return energy, found


@pytest.mark.parametrize("tol", [1e-3, 1e-5])
def test_a_sweep_through_a_damped_oscillator(tol):
    times = np.linspace(-5.0, 7.0, 601)
    g, omega, loss = 0.4, 1.5, 0.5
    start = qutip.basis(2, 0)
    energy, found = whole(CROSSING, [2 * Z], [(g, omega, loss)], times, start, size=8)
    run = ledger(in_bath(CROSSING, (2 * Z, mode(g, omega, loss))), times[::50], initial=0, tol=tol)
    received = integrate.cumulative_simpson(found["inwards"][:, 0], x=times, initial=0.0)[::50]
    given = integrate.cumulative_simpson(found["outwards"][:, 0], x=times, initial=0.0)[::50]
    off = run.energy_error.values + 2e-6  # of the explicit oscillator, cut off at seven quanta
    held, inwards = found["held"][::50, 0], found["inwards"][::50, 0]
    assert np.abs(held).max() > 0.1
    assert np.abs(inwards).max() > 0.05
    assert np.all(np.abs(run.internal_energy - energy[::50]) <= off)
    assert np.all(np.abs(run.interaction_energy[:, 0] - held) <= off)
    assert np.all(np.abs(run.energy_received[:, 0] - received) <= off)
    assert np.all(np.abs(run.bath_heat[:, 0] - given) <= off)
    assert_allclose(run.energy_current[:, 0], inwards, atol=tol + 2e-6)
    assert_allclose(run.work, energy[::50] - energy[0] - received, atol=off.max())


def test_two_baths_exchange_energy_through_couplings_that_do_not_commute():
    """What left one bath is then not what the system and this coupling have got."""
    model = lz.TwoLevel(sweep=lz.Sinusoidal(amplitude=1.0, omega=1.3), gap=0.8)
    times = np.linspace(0.0, 5.0, 301)
    modes = [(0.3, 1.5, 0.5), (0.25, 0.9, 0.4)]
    _, found = whole(model, [2 * Z, 2 * X], modes, times, qutip.basis(2, 0), size=6)
    pairs = zip([2 * Z, 2 * X], [mode(*each) for each in modes], strict=True)
    run = ledger(in_bath(model, *pairs), times[::50], initial=0, tol=1e-4)
    given = integrate.cumulative_simpson(found["outwards"], x=times, axis=0, initial=0.0)[::50]
    off = run.energy_error.values[:, None] + 2e-5
    assert np.all(np.abs(run.bath_heat - given) <= off)
    assert np.all(np.abs(run.interaction_energy - found["held"][::50]) <= off)
    missing = run.bath_heat - run.energy_received - run.interaction_energy
    assert np.abs(missing).min(dim="time").max() < 1e-12  # at the start
    assert np.abs(missing).max() > 5e-3
    assert_allclose(missing.sum("environment"), 0, atol=2 * off.max())


# -- weak coupling


def test_weak_coupling_leads_to_redfield():
    """At times that grow as the rates fall the heat is the same, and what differs falls."""
    model = lz.TwoLevel(sweep=lz.Constant(0.3), gap=1.0)
    excited = qutip.Qobj(model.eigenstates(0.0)[1][:, 1])
    off, held = [], []
    for strength in (0.04, 0.02, 0.01):
        times = np.linspace(0.0, 2.0 / strength, 5)
        warm = in_bath(model, (Z, drude(strength, cutoff=3.0)))
        full = ledger(warm, times, initial=excited, tol=1e-5)
        weak = lz.energetics(warm, times=times, initial=excited, equation="redfield")
        assert weak.heat[-1] < -0.3
        both = full.energy_received[:, 0], full.bath_heat[:, 0]
        off.append([np.abs(one - weak.heat).max().item() for one in both])
        held.append(np.abs(full.interaction_energy).max().item())
    assert_allclose(off[:-1], 2 * np.array(off[1:]), rtol=0.1)
    assert_allclose(held[:-1], 2 * np.array(held[1:]), rtol=0.02)
    assert np.max(off[-1]) < 0.02


# -- other environments go along


@pytest.mark.parametrize(
    "others",
    [
        (lz.Relaxation(0.2, temperature=0.5), lz.Dephasing(0.1)),
        (lz.Dephasing(0.3, basis="adiabatic"),),
        (lz.Decay(0.2, source=1, target=0),),
        (lz.Leak(level=1, rate=0.3),),
        (lz.Leak(level=1, rate=0.3), lz.Relaxation(0.2, temperature=0.5)),
    ],
    ids=["relaxation", "dephasing", "decay", "leak", "leak and relaxation"],
)
def test_without_coupling_it_is_the_other_ledger(others):
    """A bath that is not coupled changes nothing of what jumps and leaks do."""
    times = np.linspace(-4.0, 4.0, 5)
    unknown = isinstance(others[0], lz.Decay)
    said = pytest.warns(lz.LzopenWarning, match="no temperature") if unknown else nullcontext()
    with said:
        alone = lz.energetics(CROSSING.with_environment(*others), times=times, initial="ground")
    bath = lz.ThermalBath(0 * Z, drude(0.1))
    with pytest.warns(lz.LzopenWarning, match="no temperature") if unknown else nullcontext():
        both = ledger(CROSSING.with_environment(*others, bath), times, initial="ground", tol=1e-6)
    off = 3e-6
    for name in ("internal_energy", "power", "work", "entropy", "entropy_production"):
        assert_allclose(both[name], alone[name], atol=off, err_msg=name)
    for name in ("energy_received", "energy_current"):
        assert_allclose(both[name][:, :-1], alone[name], atol=off, err_msg=name)
        assert_allclose(both[name][:, -1], 0, atol=1e-12)
    assert_allclose(both.bath_heat, both.energy_received, atol=1e-12)
    assert ("survival" in both) == ("survival" in alone)
    if "survival" in alone:
        assert_allclose(both.survival, alone.survival, atol=off)


# -- laws


STRONG = {
    "Drude": in_bath(CROSSING, (Z, drude(0.5))),
    "transverse": in_bath(CROSSING, (X, drude(0.3, temperature=0.4))),
    "complex": in_bath(
        lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5 - 0.8j),
        (0.5 * (qutip.sigmay() + qutip.sigmaz()), drude(0.2)),
    ),
    "underdamped": in_bath(
        CROSSING,
        (
            Z,
            qutip.UnderDampedEnvironment(T=0.8, lam=0.6, gamma=0.3, w0=1.5).approximate(
                "matsubara", Nk=2
            ),
        ),
    ),
    "steps": in_bath(lz.TwoLevel(sweep=lz.Square(1.0, omega=1.1), gap=0.7), (Z, drude(0.2))),
    "sudden": in_bath(
        lz.TwoLevel(sweep=lz.Tanh(1.0, width=0.01, center=0.377), gap=0.7), (Z, drude(0.2))
    ),
    "three levels": in_bath(
        lz.VSystem(rate=1.0, splitting=1.2, couplings=[0.5, 0.3]),
        (np.diag([0.7, 0.0, -0.5]), drude(0.2, terms=1)),
    ),
    "with jumps": in_bath(CROSSING, (Z, drude(0.2))).with_environment(
        lz.Relaxation(0.1, temperature=0.5), lz.Dephasing(0.05)
    ),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n == "sudden" else []) for n in STRONG],
)
def test_laws_hold_and_errors_are_no_promises(name):
    """Both runs agree within their errors, and energy and entropy are accounted for."""
    model, times = STRONG[name], np.linspace(-3.0, 3.0, 13)
    loose, tight = (ledger(model, times, initial="ground", tol=tol) for tol in (1e-3, 1e-5))
    for level in LEVELS:
        off = np.abs(loose[level] - tight[level])
        assert np.all(off <= loose.energy_error + tight.energy_error + 1e-13), level
    gap = np.ptp(model.energies(np.array([-3.0, 0.0])), axis=-1).max()
    assert tight.energy_error.max() < 1e-5 * gap
    assert np.all(np.abs(tight.first_law_residual) <= tight.energy_error + 1e-12)
    assert np.abs(tight.work).max() > 0.05
    assert tight.entropy_production[0] == 0
    assert np.all(tight.entropy_production[1:] > 0)
    if name != "with jumps":  # which act on the coupling, too
        missing = tight.energy_received + tight.interaction_energy - tight.bath_heat
        assert np.all(np.abs(missing) <= 2 * tight.energy_error + 1e-12)


def test_entropy_production_may_fall_for_a_while():
    """A coherence comes back from a slow mode of the bath, and no law forbids it."""
    slow = qutip.UnderDampedEnvironment(T=0.8, lam=0.6, gamma=0.05, w0=1.5)
    levels = lz.TwoLevel(sweep=lz.Constant(0.4), gap=0.0)
    model = in_bath(levels, (Z, slow.approximate("matsubara", Nk=2)))
    start = qutip.Qobj(np.sqrt([0.5, 0.5]))
    run = ledger(model, np.linspace(0.0, 9.0, 31), initial=start, tol=1e-4)
    assert np.diff(run.entropy_production).min() < -0.01
    assert run.entropy_production.min() >= 0
    assert "entropy_production_rate" not in run


def test_too_few_exponentials_break_the_second_law():
    cold = drude(0.02, cutoff=80.0, temperature=0.8)
    assert cold.power_spectrum(0.0) < 0
    model = in_bath(lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.0), (2 * Z, cold))
    start = qutip.Qobj(np.sqrt([0.5, 0.5]))
    with pytest.warns(lz.LzopenWarning, match="breaks the second law. .* take one with more"):
        ledger(model, [0.0, 1.0], initial=start, tol=1e-3)


def test_steps_of_the_drive_do_work():
    """Populations rest, so that each step of ½ε by 2 does 2⟨σz⟩/2."""
    steps = lz.TwoLevel(sweep=lz.Square(amplitude=1.0, omega=np.pi), gap=0.0)
    start = qutip.Qobj(np.sqrt([0.8, 0.2]))
    times = np.array([0.0, 0.3, 0.7, 1.2, 1.7, 2.4])  # it steps at 0.5, 1.5 and 2.5
    run = ledger(in_bath(steps, (Z, drude(0.1))), times, initial=start, tol=1e-4)
    assert_allclose(run.work, [0, 0, -0.6, -0.6, 0, 0], atol=1e-9)
    assert_allclose(run.first_law_residual, 0, atol=1e-9)


def test_a_bath_without_temperature_hides_the_entropy():
    bath = ExponentialBosonicEnvironment([0.1], [2.0], [-0.05], [2.0])
    model = in_bath(CROSSING, (Z, bath))
    ask = {"times": [-2.0, 0.0, 2.0], "initial": 0, "tol": 1e-3, "equation": "hierarchy"}
    assert np.all(np.isnan(lz.energetics(model, **ask).entropy_production))
    named = lz.energetics(model, **ask, temperatures={"thermal_bath": 2.0})
    expected = named.entropy - named.entropy[0] - named.bath_heat[:, 0] / 2.0
    assert_allclose(named.entropy_production, expected, atol=1e-12)


# -- what it records, and what it refuses


def test_the_record_names_the_depth():
    run = ledger(STRONG["Drude"], [-1.0, 1.0], initial=0, tol=1e-2)
    record = json.loads(run.attrs["lzopen"])
    assert record["equation"] == "hierarchy"
    assert record["max_depth"] >= 3
    assert "Phys. Rep. 1153" in lz.cite(run) or "qutip5" in lz.cite(run)
    assert run.interaction_energy.attrs["units"] == run.bath_heat.attrs["units"] == "rad / time"


def test_a_hierarchy_that_ends_too_early_says_so(monkeypatch):
    monkeypatch.setattr(runs, "_MOST_EQUATIONS", 1)
    with pytest.warns(lz.LzopenWarning, match="may be off by .* raise tol"):
        ledger(STRONG["underdamped"], [-1.0, 3.0], initial=0, tol=1e-6)


def test_batches_are_refused():
    many = lz.vary(STRONG["Drude"], {"gap": [0.5, 1.0]})
    with pytest.raises(lz.LzopenError, match=r"`model` must be a single one .* shape \(2,\)"):
        ledger(many, [-1.0, 1.0], initial=0)


def test_a_scan_takes_one_model_after_the_other():
    def asked(model):
        return ledger(model, [-1.0, 1.0], initial=0, tol=1e-3)

    found = lz.scan(asked, STRONG["Drude"], over={"gap": [0.5, 1.0]})
    expected = asked(STRONG["Drude"].with_parameters({"gap": 0.5}))
    assert_allclose(found.bath_heat.sel(gap=0.5), expected.bath_heat, atol=1e-14)


def test_a_model_without_memory_is_refused():
    with pytest.raises(lz.LzopenError, match="`equation` must be 'lindblad' without"):
        ledger(CROSSING.with_environment(lz.Dephasing(0.1)), [-1.0, 1.0], initial=0)


def test_a_bath_must_be_a_sum_of_exponentials():
    bath = lz.ThermalBath(Z, lambda w: 0.1 * w, temperature=0.5)
    with pytest.raises(lz.LzopenError, match="`spectrum` must be a sum of exponentials"):
        ledger(CROSSING.with_environment(bath), [-1.0, 1.0], initial=0)
