"""Pure dephasing by operators that stand still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import qutip

from lzopen.conventions import SIGMA_Z, is_hermitian
from lzopen.environments.base import Environment, Terms, lindblad, sparse
from lzopen.errors import fail, not_negative
from lzopen.waveforms.base import Array


@dataclass(frozen=True, eq=False)
class Dephasing(Environment):
    """Decay of coherence between diabatic levels: L = √(Γφ/2) A, with A = σz for a qubit.

    Without a Hamiltonian the coherence of a qubit falls as e^{−Γφ t}; white
    noise of two-sided spectrum S₀ on the bias gives Γφ = S₀/2.

    Parameters
    ----------
    rate : float or ndarray
        Γφ = 1/Tφ ≥ 0.
    operator : (n, n) array_like or Qobj, optional
        A, Hermitian; σz if left out, which needs two levels. Levels j and k then
        lose coherence at Γφ (a_j − a_k)²/4, for the eigenvalues a of A.

    Raises
    ------
    LzopenError
        If the rate is negative, or the operator is missing for more than two levels, not
        Hermitian or of the wrong size.

    Examples
    --------
    >>> import lzopen as lz
    >>> lz.Dephasing(rate=0.1).dissipator(2).diagonal().real.tolist()
    [0.0, -0.1, -0.1, 0.0]
    """

    rate: Any
    operator: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", not_negative("rate", self.rate))
        object.__setattr__(self, "_matrix", self._checked_operator())
        if self.operator is not None:
            object.__setattr__(self, "operator", self._matrix)  # type: ignore[attr-defined]

    def _checked_operator(self) -> Array:
        given = SIGMA_Z if self.operator is None else self.operator
        try:
            matrix = np.array(
                given.full() if isinstance(given, qutip.Qobj) else given, dtype=complex
            )
        except (TypeError, ValueError):
            fail("operator", "be a Hermitian matrix", repr(given))
        square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
        if not square or not np.isfinite(matrix).all() or not is_hermitian(matrix):
            fail("operator", "be a Hermitian matrix", matrix)
        matrix.flags.writeable = False
        return matrix

    def check(self, n_levels: int) -> None:
        size = self._matrix.shape[0]  # type: ignore[attr-defined]
        if size != n_levels:
            remedy = "name the operator that the noise couples to"
            fail(
                "operator", f"have shape {(n_levels, n_levels)}", f"of shape {(size, size)}", remedy
            )

    def c_ops(self, terms: Terms) -> list[qutip.Qobj | qutip.QobjEvo]:
        return [sparse(np.sqrt(self.rate / 2) * self._matrix)]  # type: ignore[attr-defined]

    def dissipator(self, n_levels: int) -> Array:
        return lindblad(self._matrix, np.asarray(self.rate) / 2)  # type: ignore[attr-defined]
