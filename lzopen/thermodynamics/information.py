"""Entropies and what else tells two states apart, for whole arrays of density matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import qutip
from scipy.special import xlogy

from lzopen.errors import fail, finite_complex, warn
from lzopen.theory.single import fitting
from lzopen.waveforms.base import Array

_NEGATIVE = 1e-9  # a population below minus this is not round-off
_EMPTY = 1e-14  # of the largest eigenvalue: what is no larger is outside the support
_SKEW = 1e-9  # of the largest element, that a Hermitian matrix may differ from its adjoint
_OUTSIDE = 1e-12  # probability outside a support that counts


def entropy(state: Any) -> Any:
    """Von Neumann entropy S = −Tr ρ ln ρ.

    Parameters
    ----------
    state : (…, n, n) array_like or Qobj
        Density matrices. Of trace below one, −Tr ρ ln ρ as it stands.

    Returns
    -------
    float or ndarray
        In nats.

    Raises
    ------
    LzopenError
        If the matrices are not square, finite and Hermitian.

    Warns
    -----
    LzopenWarning
        If an eigenvalue lies below −1e-9; it counts as zero.

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> print(f"{lz.thermodynamics.entropy(np.diag([0.5, 0.5])):.6f}")
    0.693147
    """
    populations = spectrum(_matrices("state", state))
    return (-xlogy(populations, populations).sum(axis=-1))[()]


def relative_entropy(state: Any, reference: Any) -> Any:
    """Relative entropy D(ρ‖σ) = Tr ρ (ln ρ − ln σ) ≥ 0.

    It is ∞ where ρ holds more than 1e-12 outside the support of σ, whose eigenvalues count as
    zero below 1e-14 of the largest.

    Parameters
    ----------
    state, reference : (…, n, n) array_like or Qobj
        ρ and σ, of trace one.

    Returns
    -------
    float or ndarray
        In nats.

    Raises
    ------
    LzopenError
        If the matrices are not square, finite and Hermitian, or do not fit each other.

    Warns
    -----
    LzopenWarning
        If an eigenvalue lies below −1e-9; it counts as zero.

    References
    ----------
    V. Vedral, Rev. Mod. Phys. 74, 197 (2002).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> print(lz.thermodynamics.relative_entropy(np.eye(2) / 2, np.diag([1.0, 0.0])))
    inf
    """
    rho, sigma = _pair(state, "reference", reference)
    weights, vectors = np.linalg.eigh(sigma)
    held = np.einsum("...ik,...ij,...jk->...k", vectors.conj(), rho, vectors).real
    weights = np.where(weights > _EMPTY * weights[..., -1:], weights, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = np.where(held > _OUTSIDE * (weights == 0), held * np.log(weights), 0.0)
    populations = spectrum(rho)
    kept = xlogy(populations, populations).sum(axis=-1)
    return np.maximum(kept - crossed.sum(axis=-1), 0.0)[()]


def bures_angle(state: Any, reference: Any) -> Any:
    """Bures angle L = arccos Tr √(√σ ρ √σ), from 0 for equal states to π/2.

    Parameters
    ----------
    state, reference : (…, n, n) array_like or Qobj
        ρ and σ, of trace one.

    Returns
    -------
    float or ndarray
        In radians, to 1e-8: the root of what round-off leaves where a state is empty.

    Raises
    ------
    LzopenError
        If the matrices are not square, finite and Hermitian, or do not fit each other.

    References
    ----------
    S. Deffner and E. Lutz, Phys. Rev. Lett. 105, 170402 (2010).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> print(f"{lz.thermodynamics.bures_angle(np.eye(2) / 2, np.diag([1.0, 0.0])):.6f}")
    0.785398
    """
    rho, sigma = _pair(state, "reference", reference)
    overlap = np.linalg.svd(_root(rho) @ _root(sigma), compute_uv=False).sum(axis=-1)
    return np.arccos(np.minimum(overlap, 1.0))[()]


def ergotropy(state: Any, hamiltonian: Any) -> Any:
    """The most work that a unitary can take out: Tr ρH − Σ_k r_k E_k.

    The populations r_k descend and the energies E_k ascend.

    Parameters
    ----------
    state : (…, n, n) array_like or Qobj
        ρ.
    hamiltonian : (…, n, n) array_like or Qobj
        H.

    Returns
    -------
    float or ndarray
        An energy, not negative.

    Raises
    ------
    LzopenError
        If the matrices are not square, finite and Hermitian, or do not fit each other.

    References
    ----------
    A. E. Allahverdyan, R. Balian and Th. M. Nieuwenhuizen, Europhys. Lett. 67, 565 (2004).

    Examples
    --------
    >>> import numpy as np, lzopen as lz
    >>> print(f"{lz.thermodynamics.ergotropy(np.diag([0.7, 0.3]), np.diag([1.0, 0.0])):.6f}")
    0.400000
    """
    rho, energy = _pair(state, "hamiltonian", hamiltonian)
    held = np.einsum("...jk,...kj->...", rho, energy).real
    passive = (spectrum(rho)[..., ::-1] * np.linalg.eigvalsh(energy)).sum(axis=-1)
    return np.maximum(held - passive, 0.0)[()]


def spectrum(rho: Array) -> Array:
    """Eigenvalues of density matrices, ascending; none is negative."""
    populations = np.linalg.eigvalsh(rho)
    lowest = float(populations.min(initial=0.0))
    if lowest < -_NEGATIVE:
        text = f"A density matrix has the population {lowest:.1e}, which counts as zero here."
        warn(f"{text} Equations that are not of Lindblad form may give such states.", lowest, 4)
    return np.maximum(populations, 0.0)


def _root(rho: Array) -> Array:
    weights, vectors = np.linalg.eigh(rho)
    return (vectors * np.sqrt(np.maximum(weights, 0.0))[..., None, :]) @ adjoint(vectors)


def adjoint(matrices: Array) -> Array:
    return matrices.conj().swapaxes(-1, -2)


def _pair(state: Any, name: str, other: Any) -> tuple[Array, Array]:
    rho, sigma = _matrices("state", state), _matrices(name, other)
    if rho.shape[-1] != sigma.shape[-1]:
        n = rho.shape[-1]
        fail(name, f"be of {n} levels, as the state is", f"of shape {sigma.shape}")
    fitting(**{"state": rho[..., 0, 0], name: sigma[..., 0, 0]})
    return rho, sigma


def _matrices(argument: str, given: Any) -> Array:
    """Hermitian matrices from arrays or Qobjs; a ket is its projector."""
    if isinstance(given, qutip.Qobj):
        given = (given.proj() if given.isket else given).full()
    matrices = np.asarray(finite_complex(argument, given), dtype=complex)
    if matrices.ndim < 2 or not 0 < matrices.shape[-1] == matrices.shape[-2]:
        fail(argument, "be square matrices", f"of shape {matrices.shape}")
    mirrored = adjoint(matrices)
    if np.any(np.abs(matrices - mirrored).max(axis=(-2, -1)) > _SKEW * _largest(matrices)):
        fail(argument, "be Hermitian", matrices)
    return 0.5 * (matrices + mirrored)


def _largest(matrices: Array) -> Array:
    return np.asarray(np.abs(matrices).max(axis=(-2, -1)))
