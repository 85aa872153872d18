"""The fit result and its minimiser, on lines whose answer is known in closed form."""

from __future__ import annotations

import json

import mpmath
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from lzopen import results
from lzopen.characterization.conclusion import conclude
from lzopen.characterization.fit import Fit
from lzopen.characterization.minimum import Minimum, Problem, Quantity
from lzopen.characterization.words import plus_minus


def line(sigma: float = 0.1, claimed: float = 0.1, points: int = 40, seed: int = 1) -> Problem:
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, points)
    y = 1 + 2 * x + sigma * rng.standard_normal(points)
    quantities = {"a": Quantity(0.0), "b": Quantity(0.0)}
    return Problem(lambda p: (y - p["a"] - p["b"] * x) / claimed, quantities)


def finish(problem: Problem, best: Minimum | None = None, **more: object) -> Fit:
    best = problem.minimize() if best is None else best
    data = xr.Dataset({"model": ("x", np.zeros(best.residual.size))})
    return conclude(problem, best, data, title="A line.", **more)  # type: ignore[arg-type]


def ended(residual: np.ndarray) -> Fit:
    """A fit of one parameter that ended with these residuals."""
    slope = np.full((residual.size, 1), residual.size**-0.5)
    best = Minimum({"a": 1.0}, ("a",), np.eye(1), residual, slope, np.empty(0))
    return finish(Problem(lambda p: residual, {"a": Quantity(1.0)}), best)


def test_minimum_has_the_normal_equations_covariance() -> None:
    best = line().minimize()
    design = np.stack([np.ones(40), np.linspace(0, 1, 40)], axis=1) / 0.1
    np.testing.assert_allclose(best.covariance, np.linalg.inv(design.T @ design), rtol=1e-6)
    assert best.dof == 38
    assert best.deviance == pytest.approx(best.residual @ best.residual)


def test_the_lowest_of_several_minima_is_kept() -> None:
    double_well = Problem(
        lambda p: np.array([p["x"] ** 2 - 1, 0.3 * (p["x"] + 1)]), {"x": Quantity(1.0)}
    )
    near = double_well.minimize()
    both = double_well.minimize([{"x": 1.0}, {"x": -1.2}])
    assert near.values["x"] > 0.5
    assert both.values["x"] == pytest.approx(-1.0)
    assert both.deviance < near.deviance


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e9])
@pytest.mark.parametrize("log", [False, True])
def test_units_make_far_sizes_harmless(unit: float, log: bool) -> None:
    x = np.linspace(0, 3, 50)
    y = np.exp(-x) + 0.01 * np.cos(17 * x)
    best = Problem(
        lambda p: (y - np.exp(-x * unit / p["T"])) / 0.01,
        {"T": Quantity(2.0 * unit, 0.1 * unit, unit=unit, log=log)},
    ).minimize()
    plain = Problem(lambda p: (y - np.exp(-x / p["T"])) / 0.01, {"T": Quantity(2.0)}).minimize()
    assert best.values["T"] / unit == pytest.approx(plain.values["T"], rel=1e-7)
    assert best.covariance[0, 0] / unit**2 == pytest.approx(plain.covariance[0, 0], rel=1e-5)


def test_a_parameter_on_its_bound_has_no_error() -> None:
    x, y = np.linspace(0, 1, 20), -np.linspace(0, 1, 20)
    quantities = {"a": Quantity(0.5, lower=0.0), "b": Quantity(0.0)}
    problem = Problem(lambda p: y - p["a"] * x - p["b"], quantities)
    best = problem.minimize()
    assert best.stuck == ("a",)
    assert best.free == ("b",)
    fit = finish(problem)
    assert np.isnan(fit.errors["a"])
    assert fit.errors["b"] == pytest.approx(1 / np.sqrt(20))
    assert best.dof == 18


def test_a_value_near_its_bound_keeps_its_error() -> None:
    """A thousandth of the start away from the bound is a result like any other."""
    x = np.linspace(0, 1, 20)
    for bound, inside in (("lower", 5e-4), ("upper", -5e-4)):
        quantities = {"a": Quantity(inside * 2e3, **{bound: 0.0})}
        problem = Problem(lambda p, a=inside: (a - p["a"]) * x / 1e-4, quantities)
        best = problem.minimize()
        assert best.stuck == ()
        assert best.values["a"] == pytest.approx(inside)
        assert finish(problem).errors["a"] == pytest.approx(1e-4 / np.linalg.norm(x))


@pytest.mark.parametrize("start", [1e-3, 1.0, 100.0])
def test_a_value_on_its_bound_is_said(start: float) -> None:
    """However far away the descent began."""
    x = np.linspace(0, 1, 20)
    for bound, outside in (("lower", -0.3), ("upper", 0.3)):
        begun = Quantity(-np.sign(outside) * start, **{bound: 0.0})
        problem = Problem(
            lambda p, a=outside: (a - p["a"]) * x - p["b"], {"a": begun, "b": Quantity(0.0)}
        )
        assert problem.minimize().stuck == ("a",)
        assert "Parameter `a` ended on its bound" in finish(problem).report()


@pytest.mark.parametrize("value", [1.0, 1e9])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("effect", [0.0, 1e-9])
def test_a_parameter_without_effect_is_not_fixed(value: float, log: bool, effect: float) -> None:
    idle = Quantity(value, unit=value, log=log)
    bent = np.array([1.0, -2.0, 1.0, 0.0, 0.0])
    problem = Problem(
        lambda p: np.arange(5.0) - p["a"] + effect * np.sin(p["idle"] / value) * bent,
        {"a": Quantity(0.1), "idle": idle},
    )
    fit = finish(problem)
    assert np.isnan([fit.parameters["idle"], fit.errors["idle"]]).all()
    assert fit.limits == {"idle": idle.bounds}
    assert fit.notes == ("The data do not fix `idle`.",)


def test_a_parameter_without_effect_spoils_no_other() -> None:
    def residual(p: dict[str, float]) -> np.ndarray:
        return np.arange(5.0) - p["a"]

    fit = finish(Problem(residual, {"a": Quantity(0.1), "idle": Quantity(1.0)}))
    alone = finish(Problem(residual, {"a": Quantity(0.1)}))
    assert fit.errors["a"] / np.sqrt(fit.reduced) == pytest.approx(
        alone.errors["a"] / np.sqrt(alone.reduced)
    )


def test_a_small_unit_is_no_small_effect() -> None:
    """The same line in other units."""
    small = line()
    quantities = {name: Quantity(1e-9, unit=1e-9) for name in small.quantities}
    residual = small.residual
    tiny = Problem(lambda p: residual({n: 1e9 * v for n, v in p.items()}), quantities)
    fit, usual = finish(tiny), finish(small)
    assert fit.parameters["b"] == pytest.approx(1e-9 * usual.parameters["b"], rel=1e-5)
    assert fit.errors["b"] == pytest.approx(1e-9 * usual.errors["b"], rel=1e-5)


def test_a_start_far_below_its_end_is_no_small_effect() -> None:
    usual = line()
    quantities = {name: Quantity(1e-6, unit=1e-6) for name in usual.quantities}
    fit = finish(Problem(usual.residual, quantities))
    assert fit.parameters == pytest.approx(finish(usual).parameters, rel=1e-5)
    assert not fit.limits


def test_a_fit_that_never_settles_says_so() -> None:
    calls = 0

    def jumpy(_: dict[str, float]) -> np.ndarray:
        """Always a little better elsewhere, so that no step is ever the last."""
        nonlocal calls
        calls += 1
        return np.array([1.0 / calls])

    problem = Problem(jumpy, {"a": Quantity(0.1)})
    best = problem.minimize()
    assert calls < 1000
    assert not best.settled
    assert "did not come to rest" in finish(problem, best).report()
    assert "did not come to rest" not in finish(line()).report()


@pytest.mark.parametrize(("claimed", "scaled"), [(0.05, True), (0.2, False)])
def test_errors_grow_with_misfit_but_never_shrink(claimed: float, scaled: bool) -> None:
    problem = line(sigma=0.1, claimed=claimed)
    best, fit = problem.minimize(), finish(problem)
    bare = np.sqrt(np.diag(best.covariance))
    factor = np.sqrt(best.deviance / best.dof) if scaled else 1.0
    assert fit.scaled is scaled
    assert [fit.errors["a"], fit.errors["b"]] == pytest.approx(list(factor * bare))
    assert ("errors are multiplied" in fit.report()) is scaled


def test_noise_of_unknown_size_comes_from_the_residuals() -> None:
    fit = finish(line(claimed=1.0), known=False)
    right = finish(line(claimed=0.1))
    assert fit.reduced == pytest.approx(1.0)
    assert not fit.scaled
    assert fit.errors["b"] == pytest.approx(
        right.errors["b"] * np.sqrt(right.reduced), rel=1e-3
    ) or (not right.scaled)


def test_a_failed_model_says_so_first() -> None:
    bad, good = finish(line(claimed=0.04)), finish(line())
    assert bad.misfit > 3 > good.misfit
    assert str(bad).splitlines()[0].startswith("THE MODEL DOES NOT DESCRIBE THE DATA")
    assert str(good).splitlines()[0] == "A line."


@pytest.mark.parametrize(("claimed", "doubted"), [(0.1, False), (0.2, True), (1.0, True)])
def test_residuals_too_small_for_their_noise_are_told(claimed: float, doubted: bool) -> None:
    problem = line(sigma=0.1, claimed=claimed)
    told = "scatter less than their noise allows"
    assert (told in finish(problem).report()) is doubted
    assert told not in finish(problem, known=False).report()


@pytest.mark.parametrize(("deviance", "dof"), [(40.0, 38), (90.0, 38), (20.0, 38), (140.0, 95)])
def test_misfit_is_the_normal_equivalent_of_the_tail(deviance: float, dof: int) -> None:
    residual = np.append(np.sqrt(deviance), np.zeros(dof))
    expected = stats.norm.isf(stats.chi2.sf(deviance, dof))
    assert ended(residual).misfit == pytest.approx(expected)


@pytest.mark.parametrize("dof", [1, 95, 5000])
@pytest.mark.parametrize("ratio", [5.0, 20.0, 1e4])
def test_misfit_holds_where_the_tail_underflows(dof: int, ratio: float) -> None:
    residual = np.append(np.sqrt(ratio * dof), np.zeros(dof))
    z = ended(residual).misfit
    tail = mpmath.gammainc(dof / 2, ratio * dof / 2, regularized=True)
    assert float(mpmath.log(mpmath.erfc(z / mpmath.sqrt(2)) / 2)) == pytest.approx(
        float(mpmath.log(tail)), rel=1e-3
    )


def test_autocorrelation_sees_a_slow_residual() -> None:
    assert ended(np.sin(np.linspace(0, 6, 100))).autocorrelation > 0.9
    assert ended((-1.0) ** np.arange(100)).autocorrelation == pytest.approx(-0.99)


def test_the_dataset_holds_the_fit_and_survives_netcdf(tmp_path: object) -> None:
    fit = finish(line(), notes=["Note."], settings={"kind": "line"}, references=["lmfit"])
    data = fit.dataset
    assert float(data.value.sel(parameter="b")) == fit.parameters["b"]
    assert float(data.error.sel(parameter="b")) == fit.errors["b"]
    assert float(data.covariance.sel(parameter="a", other="a")) == pytest.approx(
        fit.errors["a"] ** 2
    )
    assert float(data.covariance.sel(parameter="a", other="b")) < 0
    record = json.loads(data.attrs["lzopen"])
    assert record["parameters"] == pytest.approx(fit.parameters)
    assert record["errors"] == pytest.approx(fit.errors)
    assert record["settings"] == {"kind": "line"}
    again = results.load(results.save(data, tmp_path / "fit.nc"))  # type: ignore[operator]
    xr.testing.assert_identical(again, data)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (3.13326, 0.0674, "3.133 ± 0.067"),
        (12.3, 1.5, "12.3 ± 1.5"),
        (1234.5, 56.0, "1234 ± 56"),
        (7096.14, 384.0, "7100 ± 380"),
        (2.0, float("nan"), "2 (no error)"),
        (1.2345e-9, 3.21e-11, "1.2345e-09 ± 3.2e-11"),
    ],
)
def test_numbers_are_shown_to_two_digits_of_their_error(
    value: float, error: float, text: str
) -> None:
    assert plus_minus(value, error) == text
