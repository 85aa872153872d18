"""Equations of motion of the elements of a density matrix, sorted by how a cosine drives them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lzopen.dynamics.periodic.cosine import CosineDrive
from lzopen.waveforms.base import ROUND_OFF, Array

_EPS = float(np.finfo(float).eps)


class Equations(NamedTuple):
    """dρ/dt = (L − i cos(ωt + φ) diag(κ)) ρ in units of ω, driven elements first, populations last.

    ``generator`` (…, n², n²) is L and ``swing`` (…, driven) is κ; ``driven`` and ``coherent`` count
    the first rows without, and all without populations. ``order`` (n²,) are the places of
    the elements in a matrix stacked by columns, ``mirror`` (driven,) those of ρ_kj
    for each driven ρ_jk. The model has ρ_jk u_j u_k* for ``gauge`` u (…, n).
    """

    generator: Array
    swing: Array
    driven: int
    coherent: int
    order: Array
    mirror: Array
    gauge: Array


def equations(drive: CosineDrive) -> Equations:
    """Those of a drive, with couplings made real where there is no loop with a phase."""
    n = drive.still.shape[-1]
    unit = 1 / np.asarray(drive.omega)
    h, gauge = _gauged(drive.still)
    turn = _stacked(gauge[..., :, None] * gauge[..., None, :].conj())
    jumps = turn.conj()[..., :, None] * drive.dissipator * turn[..., None, :]
    generator = unit[..., None, None] * (_commutator(h) + jumps)
    apart = drive.swing[..., :, None] - drive.swing[..., None, :]
    swing = _stacked(np.where(np.abs(apart) > ROUND_OFF * np.abs(apart).max(), apart, 0.0))
    first, second = np.arange(n * n) % n, np.arange(n * n) // n
    moved = np.any(swing.reshape(-1, n * n) != 0, axis=0)
    moved = moved if moved.any() else first != second
    order = np.argsort(np.where(moved, 0, np.where(first != second, 1, 2)), kind="stable")
    driven = int(moved.sum())
    place = np.argsort(order)
    return Equations(
        generator=generator[..., order[:, None], order],
        swing=unit[..., None] * swing[..., order[:driven]],
        driven=driven,
        coherent=n * n - n,
        order=order,
        mirror=place[second + n * first][order[:driven]],
        gauge=gauge,
    )


def distances(h: Array) -> tuple[Array, Array]:
    """Lower and upper bounds of the distances of all pairs of energies, by Gershgorin's discs."""
    first, second = np.triu_indices(h.shape[-1], 1)
    own = np.diagonal(h, axis1=-2, axis2=-1)
    radius = np.abs(h).sum(axis=-1) - np.abs(own)
    apart = np.abs(own[..., first] - own[..., second])
    either = radius[..., first] + radius[..., second]
    return apart - either, apart + either


def _stacked(matrix: Array) -> Array:
    """(…, n, n) by columns, (…, n²)."""
    return matrix.swapaxes(-1, -2).reshape(*matrix.shape[:-2], -1)


def _commutator(h: Array) -> Array:
    """−i(Hρ − ρH†) on density matrices stacked by columns."""
    n = h.shape[-1]
    one = np.eye(n)
    left = one[:, None, :, None] * h[..., None, :, None, :]
    right = h.conj()[..., :, None, :, None] * one[None, :, None, :]
    return np.asarray(-1j * (left - right).reshape(*h.shape[:-2], n * n, n * n))


def _gauged(h: Array) -> tuple[Array, Array]:
    """U†HU and the phases u of a diagonal U that make real what couples the levels along a tree."""
    n = h.shape[-1]
    size = np.abs(h)
    phase = np.where(size > 0, h, 1.0) / np.where(size > 0, size, 1.0)
    coupled = np.any((h != 0).reshape(-1, n, n), axis=0)
    gauge = np.ones(h.shape[:-1], dtype=complex)
    reached: list[int] = []
    for root in range(n):
        reached += [root] * (root not in reached)
        for j in reached:
            for k in set(np.flatnonzero(coupled[j])) - set(reached):
                gauge[..., k] = gauge[..., j] * phase[..., j, k].conj()
                reached.append(int(k))
    turned = gauge.conj()[..., :, None] * h * gauge[..., None, :]
    clean = (np.abs(turned.imag) <= 4 * _EPS * size) & ~np.eye(n, dtype=bool)
    turned = np.where(clean, turned.real, turned)
    return np.where(np.eye(n, dtype=bool), h, turned), gauge
