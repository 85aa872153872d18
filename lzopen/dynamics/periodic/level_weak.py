"""The steady state where jumps are so weak that the map over one period hardly shows them.

The motion without jumps, u, keeps its own eigenstates, and V = U + E moves their populations by E
alone. In their basis 1 − V therefore holds −E in the columns of populations, with all of its
digits; in the other columns errors meet coherences that are as small as E.
"""

from __future__ import annotations

from typing import Any

from lzopen.dynamics.periodic.elimination import inverse
from lzopen.dynamics.periodic.level_steady import norm

_MIX = 0.6180339887  # of sin θ to cos θ, so that no two of some phases are likely to agree


def eigenstates(unitary: Any, xp: Any) -> tuple[Any, Any]:
    """Eigenvectors (P, n, n) of unitary matrices as columns, and their phase factors (P, n)."""
    adjoint = xp.conj(xp.matrix_transpose(unitary))
    cosine, sine = 0.5 * (unitary + adjoint), -0.5j * (unitary - adjoint)
    states = xp.linalg.eigh(cosine + _MIX * sine)[1]
    turned = xp.conj(xp.matrix_transpose(states)) @ unitary @ states
    factors = xp.linalg.diagonal(turned)
    return states, factors / xp.abs(factors)


def weak_state(factors: Any, basis: Any, excess: Any, moved: Any, xp: Any) -> tuple[Any, Any]:
    """Steady state and condition.

    Parameters
    ----------
    factors : (P, n) array
        e^{−iθ} of the eigenstates of u.
    basis : (P, n², n²) array
        |j⟩⟨k| between them in columns, j first.
    excess : (P, n², n²) array
        E, from a path that may be rough.
    moved : (P, n², n) array
        E on the projectors, with all digits.

    Returns
    -------
    state : (P, n², 1) array
    condition : (P, 1, 1) array
    """
    adjoint = xp.conj(xp.matrix_transpose(basis))
    count, n = factors.shape
    kept = slice(None, None, n + 1)
    turns = xp.reshape(xp.conj(factors)[:, :, None] * factors[:, None, :], (count, n * n, 1))
    matrix = (1 - turns) * xp.eye(n * n, dtype=basis.dtype) - adjoint @ excess @ basis
    matrix[:, :, kept] = -(adjoint @ moved)
    size = xp.max(xp.abs(matrix[:, kept, kept]), axis=(-2, -1), keepdims=True)
    matrix[:, kept, :] = matrix[:, kept, :] / xp.where(size > 0, size, 1.0)
    matrix[:, kept, kept] = matrix[:, kept, kept] + 1 / n  # the row of the trace
    resolvent = inverse(matrix, xp)
    state = xp.sum(resolvent[:, :, kept], axis=-1, keepdims=True) / n
    return xp.real(basis @ state), norm(resolvent, xp)
