"""Conventions shared by the whole package: matrices, units, state names.

ħ = k_B = 1. Frequencies are angular, in rad per unit of time; temperatures are
energies. For two levels H(t) = ½(ε(t) σz + Re Δ σx + Im Δ σy), and diabatic
state 0 is ``qutip.basis(2, 0)``, with σz = +1.

The unit helpers turn laboratory numbers into rad/ns, the natural unit for
solid-state qubits; atoms in rad/µs need no helper.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import constants

__all__ = [
    "SIGMA_X",
    "SIGMA_Y",
    "SIGMA_Z",
    "GHz",
    "dBm_to_volt",
    "mK",
    "ohmic_strength_from_oqupy",
    "spectral_density_from_oqupy",
    "ueV",
]


def _fixed(matrix: list[list[complex]]) -> np.ndarray:
    array = np.array(matrix)
    array.flags.writeable = False
    return array


IDENTITY = _fixed([[1.0, 0.0], [0.0, 1.0]])
SIGMA_X = _fixed([[0.0, 1.0], [1.0, 0.0]])
SIGMA_Y = _fixed([[0.0, -1.0j], [1.0j, 0.0]])
SIGMA_Z = _fixed([[1.0, 0.0], [0.0, -1.0]])

GHz = 2 * np.pi
"""One gigahertz as an angular frequency in rad/ns."""

ueV = 1e-6 * constants.e / constants.hbar * 1e-9
"""One micro-electronvolt as an angular frequency in rad/ns."""

mK = 1e-3 * constants.k / constants.hbar * 1e-9
"""One millikelvin of temperature as an energy in rad/ns."""


def is_hermitian(matrix: np.ndarray) -> bool:
    """Whether a matrix equals its adjoint but for round-off."""
    return bool(np.abs(matrix - matrix.conj().T).max() <= 1e-12 * np.abs(matrix).max())


def dBm_to_volt(power: Any, resistance: float = 50.0) -> Any:
    """Peak voltage of a sine of this power: V = √(2 R · 10^(P/10) mW).

    Parameters
    ----------
    power : float or ndarray
        Power in dBm.
    resistance : float
        Load in ohm.

    Returns
    -------
    float or ndarray
        Peak voltage in volt, in the shape of ``power``.

    Examples
    --------
    >>> round(float(dBm_to_volt(0.0)), 4)
    0.3162
    """
    return np.sqrt(2 * resistance * 1e-3 * 10 ** (np.asarray(power) / 10))[()]


def spectral_density_from_oqupy(density: Any, operator_ratio: float = 1.0) -> Any:
    """J(ω) as QuTiP and lzopen write it, from a bath of OQuPy: J = π r² J_OQuPy.

    QuTiP has C(t) = (1/π)∫J(ω)…dω, OQuPy C(t) = ∫J(ω)…dω.

    Parameters
    ----------
    density : float or ndarray
        J_OQuPy(ω).
    operator_ratio : float
        r = A_OQuPy/A, if the same bath is to be coupled through another multiple of the operator:
        ½ from ½σz to σz.

    Returns
    -------
    float or ndarray
        J(ω), in the shape of ``density``.

    Examples
    --------
    >>> round(spectral_density_from_oqupy(0.02, operator_ratio=0.5), 6)
    0.015708
    """
    return np.pi * operator_ratio**2 * density


def ohmic_strength_from_oqupy(alpha: Any, operator_ratio: float = 1.0) -> Any:
    """α of J(ω) = αω…, as QuTiP writes it, from OQuPy's J_OQuPy(ω) = 2αω…: 2π r² α_OQuPy.

    Parameters
    ----------
    alpha : float or ndarray
        α_OQuPy.
    operator_ratio : float
        r = A_OQuPy/A, as in `spectral_density_from_oqupy`.

    Returns
    -------
    float or ndarray
        α, in the shape of ``alpha``.

    Examples
    --------
    >>> round(ohmic_strength_from_oqupy(0.02), 6)
    0.125664
    """
    return 2 * spectral_density_from_oqupy(alpha, operator_ratio)
