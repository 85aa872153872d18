"""The Lindblad twin of a leaky model, whose lost population ends in one more level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import qutip

from lzopen.conventions import is_hermitian
from lzopen.environments.base import sparse
from lzopen.errors import fail
from lzopen.models.terms import qobjevo
from lzopen.waveforms.base import Array

if TYPE_CHECKING:
    from lzopen.models.base import Model


class WithSink:
    """QuTiP objects of a leaky model with one more level, the last, that collects what leaks.

    Jumps into the sink replace the loss of norm, so that `qutip.mcsolve`, which takes any loss of
    norm for jumps, is right again. Made by `Model.with_sink`.

    Attributes
    ----------
    H : QobjEvo
        The Hermitian Hamiltonian; the sink has no energy.
    c_ops : list of Qobj and QobjEvo
        Collapse operators of all environments, and one jump into the sink for each leak.
    projectors : list of Qobj
        Projectors on the levels, without the sink; the sum of their expectation values is the
        survival.
    """

    def __init__(self, model: Model) -> None:
        if not all(is_hermitian(matrix) and not w.is_complex for matrix, w in model.terms):
            remedy = "mcsolve would count every loss of norm as a jump: name what leaks, lz.Leak"
            fail(
                "terms", "be Hermitian here", "a matrix that is not, or a complex waveform", remedy
            )
        self._model, self._size = model, model.n_levels
        jumps = [jump for e in model.environments for jump in e.sink_jumps(model.terms)]
        self.H = qobjevo(model.terms).linear_map(_widen)
        self.c_ops = [
            op.linear_map(_widen) if isinstance(op, qutip.QobjEvo) else _widen(op)
            for op in model.c_ops
        ] + [
            qutip.QobjEvo([[self._into_sink(level), function] for level, function in jump])
            for jump in jumps
        ]
        self.projectors = [_widen(projector) for projector in model.projectors]

    def embed(self, state: qutip.Qobj) -> qutip.Qobj:
        """A state of the model, with nothing in the sink."""
        if state.isket:
            return qutip.Qobj(np.append(state.full(), [[0.0]], axis=0))
        return _widen(state)

    def solver_options(self, t0: float, t1: float) -> dict[str, Any]:
        """Options for `qutip.mcsolve`, as `Model.solver_options` gives them."""
        options = self._model.solver_options(t0, t1)
        options.pop("normalize_output", None)
        return options | {"progress_kwargs": {**options["progress_kwargs"], "desc": "mcsolve"}}

    def _into_sink(self, level: int) -> qutip.Qobj:
        matrix = np.zeros((self._size + 1, self._size + 1))
        matrix[self._size, level] = 1.0
        return sparse(matrix)


def _widen(operator: qutip.Qobj) -> qutip.Qobj:
    """Without the check of `sparse`, since QuTiP tries it on what it has evaluated."""
    matrix: Array = operator.full()
    return qutip.Qobj(np.pad(matrix, ((0, 1), (0, 1)))).to("CSR")
