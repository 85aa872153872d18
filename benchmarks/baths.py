"""A driven qubit that relaxes between its moving energy levels, exactly and in QuTiP."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import qutip
from maps import Array, Map
from qutip_maps import steady
from references import bloch_period
from systems import COSINE, GAP, PERIOD, cosine

import lzopen as lz

_X, _Z = qutip.sigmax(), qutip.sigmaz()


class Bath:
    """A map of a qubit with `lz.Dephasing` and `lz.Relaxation`, and QuTiP's ways to do it."""

    def __init__(
        self, *, dephasing: float, rate: float, temperature: float, side: int, sample: int
    ) -> None:
        self.rate, self.temperature, self.dephasing = rate, temperature, dephasing
        model = lz.TwoLevel(sweep=COSINE.waveform, gap=GAP).with_environment(
            lz.Dephasing(dephasing), lz.Relaxation(rate, temperature)
        )
        self.map = Map(model, side=side, sample=sample)

    @cached_property
    def exact(self) -> tuple[Array, Array]:
        """Populations (pixel, level) from the Bloch equations: their average, and at t = 0."""
        z = [r[:, 2] for r in bloch_period(self._bloch, PERIOD)]
        average, start = (0.5 * (1 + np.stack([up, -up], axis=-1)) for up in z)
        return average, start

    def bloch_redfield(self, options: dict[str, Any]) -> Array:
        """QuTiP's solver for baths that see the energy levels of the instant.

        Between two such levels of a real H σy has the element i, and none on the diagonal.
        """
        spectrum, found = qutip.coefficient(self._spectrum, args={"w": 0.0}), []
        for H, white in self._pixels():
            solver = qutip.BRSolver(
                H, [(qutip.sigmay(), spectrum)], [white], sec_cutoff=0.1, options=options
            )
            found.append(steady(qutip.Propagator(solver)(PERIOD)))
        return np.array(found)

    def jumps(self, options: dict[str, Any]) -> Array:
        """The collapse operators of lzopen: Pauli matrices times plain functions."""
        members = self.map.members
        return np.array(
            [steady(qutip.propagator(m.H, PERIOD, m.c_ops, options=options)) for m in members]
        )

    def by_hand(self, options: dict[str, Any]) -> Array:
        """The Liouvillian worked out on paper: four fixed matrices times plain functions."""
        found = []
        for (amplitude, bias), (H, white) in zip(self.map.points, self._pixels(), strict=True):
            moving = _Moving(amplitude, bias, self.temperature)
            L = qutip.liouvillian(H, [white]) + moving.dissipator(self.rate)
            found.append(steady(qutip.propagator(L, PERIOD, options=options)))
        return np.array(found)

    def _pixels(self) -> Iterator[tuple[qutip.QobjEvo, qutip.Qobj]]:
        white = np.sqrt(self.dephasing / 2) * _Z
        for amplitude, bias in self.map.points:
            args = {"amplitude": amplitude, "bias": bias}
            yield qutip.QobjEvo([GAP / 2 * _X, [_Z / 2, cosine]], args=args), white

    def _spectrum(self, t: float, w: float) -> float:
        return self.rate / (1 + math.exp(-w / self.temperature))

    def _bloch(self, t: float) -> tuple[Array, Array]:
        amplitude, bias = np.array(self.map.points).T
        epsilon = cosine(t, amplitude, bias)
        field = np.stack([np.full_like(bias, GAP), 0 * bias, epsilon], axis=-1)
        energy = np.linalg.norm(field, axis=-1, keepdims=True)
        n = field / energy
        turning = np.cross(field[:, None, :], np.eye(3)).swapaxes(-1, -2)
        white = self.dephasing * np.diag([1.0, 1.0, 0.0])
        along = 0.5 * self.rate * (np.eye(3) + n[:, :, None] * n[:, None, :])
        return turning - white - along, -self.rate * np.tanh(energy / 2 / self.temperature) * n


class _Moving:
    """Components of n(t), and tanh(E/2T); QuTiP asks for one after the other at each instant."""

    def __init__(self, amplitude: float, bias: float, temperature: float) -> None:
        self._drive, self._twice = (amplitude, bias), 2 * temperature
        self._instant = math.nan

    def dissipator(self, rate: float) -> qutip.QobjEvo:
        """Of ρ = ½(Tr ρ + r·σ): r' = −½Γ(r + n(n·r)) − Γ tanh(E/2T) n Tr ρ, n in the xz-plane."""
        one = qutip.qeye(2)
        xx, zz, xz = _times(_X, _X), _times(_Z, _Z), _times(_X, _Z) + _times(_Z, _X)
        rest = qutip.to_super(one) - 0.5 * _times(one, one) + 0.5 * zz
        return qutip.QobjEvo(
            [
                -rate / 2 * rest,
                [-rate / 4 * (xx - zz), self.xx],
                [-rate / 4 * xz, self.xz],
                [-rate / 2 * _times(_X, one), self.x_pull],
                [-rate / 2 * _times(_Z, one), self.z_pull],
            ]
        )

    def xx(self, t: float) -> float:
        self._update(t)
        return self._x**2

    def xz(self, t: float) -> float:
        self._update(t)
        return self._x * self._z

    def x_pull(self, t: float) -> float:
        self._update(t)
        return self._x * self._tanh

    def z_pull(self, t: float) -> float:
        self._update(t)
        return self._z * self._tanh

    def _update(self, t: float) -> None:
        if t != self._instant:
            epsilon = cosine(t, *self._drive)
            energy = math.hypot(epsilon, GAP)
            self._x, self._z = GAP / energy, epsilon / energy
            self._tanh, self._instant = math.tanh(energy / self._twice), t


def _times(a: qutip.Qobj, b: qutip.Qobj) -> qutip.Qobj:
    """ρ → a Tr(bρ)."""
    return qutip.operator_to_vector(a) * qutip.operator_to_vector(b).dag()
