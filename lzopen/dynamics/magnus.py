"""Time-ordered exponentials by the sixth-order Magnus expansion, for whole batches.

Nothing here knows a model: matrices with waveforms come in, propagators go out. The
steps of one time slice run side by side and are multiplied in a tree.

References: S. Blanes, F. Casas, J. A. Oteo and J. Ros, Phys. Rep. 470, 151 (2009).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lzopen.conventions import IDENTITY, SIGMA_X, SIGMA_Y, SIGMA_Z, is_hermitian
from lzopen.environments.base import Terms
from lzopen.waveforms.base import Array

NODES = 0.5 + np.array([-1.0, 0.0, 1.0]) * np.sqrt(15) / 10  # Gauss-Legendre on (0, 1)
WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18
_SLICE = 2**14  # matrices that are held at once
_EXPM_NORM, _EXPM_ORDER = 0.12, 9  # the remainder is below 2e-16

Bracket = Callable[[Any, Any], Any]


def propagator(generators: Terms, edges: Array) -> Array:
    """Propagator of dX/dt = Σ wₖ(t) Gₖ X over given steps.

    Parameters
    ----------
    generators : sequence of (matrix, Waveform)
        Gₖ (−iAₖ for a Hamiltonian) with their waveforms; a matrix may carry batch axes in front.
    edges : batch + (n+1,) ndarray
        Ends of the steps; a step of zero length does nothing.

    Returns
    -------
    batch + (d, d) ndarray
        The time-ordered product.
    """
    size = generators[0][0].shape[-1]
    if size == 2 and all(_is_su2(matrix, waveform) for matrix, waveform in generators):
        return _propagate_qubit(generators, edges)
    total: Any = np.eye(size)
    for t, h in _slices(edges, size * size):
        samples = [
            sum(_expand(w(t))[..., i::3, :, :] * per_step(g) for g, w in generators)
            for i in range(3)
        ]
        total = time_ordered(samples, h) @ total
    return np.asarray(total)


def time_ordered(samples: list[Any], lengths: Array) -> Array:
    """Product of steps from the generator at their three Gauss nodes.

    Parameters
    ----------
    samples : three batch + (steps, d, d) ndarray
    lengths : batch + (steps,) ndarray

    Returns
    -------
    batch + (d, d) ndarray
    """
    return ordered_product(expm(_magnus6(samples, lengths[..., None, None], _commutator)))


def expm(matrices: Array) -> Array:
    """Matrix exponentials of a whole batch by scaled Taylor series."""
    norms = np.abs(matrices).sum(axis=-2)
    norm = norms.max(initial=0.0, where=np.isfinite(norms))  # what overflows stays so
    doublings = max(0, int(np.ceil(np.log2(max(norm, 1e-300) / _EXPM_NORM))))
    small = matrices / 2.0**doublings
    # Carry E = exp − 1, so that squaring does not lose small exponents.
    excess = small / _EXPM_ORDER
    for order in range(_EXPM_ORDER - 1, 0, -1):
        excess = (small + small @ excess) / order
    for _ in range(doublings):
        excess = 2 * excess + excess @ excess
    return np.eye(matrices.shape[-1]) + excess


def _slices(edges: Array, size: int) -> Iterator[tuple[Array, Array]]:
    """Gauss nodes (three per step, last axis) and step lengths, slice by slice."""
    lengths = np.diff(edges, axis=-1)
    batch = int(np.prod(edges.shape[:-1]))
    width = max(8, _SLICE // (batch * size))
    for start in range(0, lengths.shape[-1], width):
        h = lengths[..., start : start + width]
        left = edges[..., start : start + h.shape[-1]]
        nodes = left[..., None] + h[..., None] * NODES
        yield nodes.reshape(*h.shape[:-1], -1), h


def _magnus6(samples: list[Any], h: Any, bracket: Bracket) -> Any:
    """Magnus exponent of one step from the generator at three Gauss nodes."""
    first, middle, last = samples
    a1 = h * middle
    a2 = h * (last - first) * (np.sqrt(15) / 3)
    a3 = h * (last - 2 * middle + first) * (10 / 3)
    c1 = bracket(a1, a2)
    c2 = bracket(a1, 2 * a3 + c1) / -60
    return a1 + a3 / 12 + bracket(c1 - 20 * a1 - a3, a2 + c2) / 240


def ordered_product(steps: Array) -> Array:
    """Ordered product along the step axis (third from the end), latest on the left."""
    while steps.shape[-3] > 1:
        pairs = steps[..., 1::2, :, :] @ steps[..., : steps.shape[-3] // 2 * 2 : 2, :, :]
        odd = steps[..., -1:, :, :] if steps.shape[-3] % 2 else steps[..., :0, :, :]
        steps = np.concatenate([pairs, odd], axis=-3)
    return steps[..., 0, :, :]


def _commutator(a: Array, b: Array) -> Array:
    return a @ b - b @ a


def _expand(values: Any) -> Array:
    return np.asarray(values)[..., None, None]


def per_step(matrix: Array) -> Array:
    """Insert the step axis behind the batch axes of a batched matrix."""
    return matrix[..., None, :, :] if matrix.ndim > 2 else matrix


# -- two levels: the algebra of rotations, vectors instead of matrices


def _is_su2(matrix: Array, waveform: Any) -> bool:
    """Whether −iwA generates a unitary, w real and A Hermitian."""
    return matrix.ndim == 2 and not waveform.is_complex and is_hermitian(1j * matrix)


def _propagate_qubit(generators: Terms, edges: Array) -> Array:
    """The same for −iH of two levels: rotation vectors, cross products, quaternions."""
    fields = [(_components(matrix), waveform) for matrix, waveform in generators]
    total: Any = np.eye(2)
    for t, h in _slices(edges, 1):
        field = sum(np.multiply.outer(part, w(t)) for part, w in fields)
        shape = (*field.shape[:-1], field.shape[-1] // 3, 3)
        nodes = np.moveaxis(field.reshape(shape), -1, 0)  # node, component, batch, step
        rotation = _magnus6([node[1:] for node in nodes], h, _cross)
        phase = (np.tensordot(WEIGHTS, nodes[:, 0], axes=1) * h).sum(axis=-1)
        quaternion = ordered_rotations(_quaternion(rotation))
        total = rotation_matrix(quaternion) * np.exp(-1j * phase)[..., None, None] @ total
    return np.asarray(total)


def _components(matrix: Array) -> Array:
    """(trace part, x, y, z) of iG = H = f₀ + ½ f·σ."""
    h = 1j * matrix
    pauli = (IDENTITY / 2, SIGMA_X, SIGMA_Y, SIGMA_Z)
    return np.array([np.trace(h @ p).real for p in pauli])


def _cross(a: Array, b: Array) -> Array:
    """[−½i a·σ, −½i b·σ] = −½i (a×b)·σ, components on the first axis."""
    return np.stack(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def _quaternion(rotation: Array) -> Array:
    """exp(−½i r·σ) as (w, x, y, z) with U = w − i(xσx + yσy + zσz)."""
    half = 0.5 * np.sqrt((rotation * rotation).sum(axis=0))
    return np.concatenate([np.cos(half)[None], 0.5 * np.sinc(half / np.pi) * rotation])


def ordered_rotations(q: Array) -> Array:
    """Ordered product of quaternions (w, x, y, z) along the last axis, latest on the left."""
    while q.shape[-1] > 1:
        late, early = q[..., 1::2], q[..., : q.shape[-1] // 2 * 2 : 2]
        scalar = late[0] * early[0] - (late[1:] * early[1:]).sum(axis=0)
        vector = late[0] * early[1:] + early[0] * late[1:] + _cross(late[1:], early[1:])
        odd = q[..., -1:] if q.shape[-1] % 2 else q[..., :0]
        q = np.concatenate([np.concatenate([scalar[None], vector]), odd], axis=-1)
    return q[..., 0]


def rotation_matrix(q: Array) -> Array:
    """w − i(xσx + yσy + zσz)."""
    w, x, y, z = q
    rows = [[w - 1j * z, -1j * x - y], [-1j * x + y, w + 1j * z]]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))
