"""Level diagrams, and how their probabilities are compared."""

from __future__ import annotations

import numpy as np

import lzopen as lz

COMB = {"rate": 1.0, "couplings": [0.3, 0.2, 0.4]}  # E1


def solved(model, **ask):
    """Probabilities of the dynamics, and how far they may be off."""
    found = lz.transition_matrix(model, **ask)
    return found.probability.values, found.error.values


def agree(model, exact):
    """The dynamics equal a closed form within the bound of their own error."""
    P, error = solved(model)
    known = np.isfinite(exact)
    assert known.any()
    assert (np.abs(P - exact)[known] <= error[known] + 1e-13).all()
    assert error.max() < 1e-8
    return P


def single(g, steepness):
    """Survival of one crossing."""
    return np.exp(-2 * np.pi * np.abs(g) ** 2 / np.abs(steepness))


def random_table(rng, size, scale, filled=1.0):
    table = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return np.triu(scale * table * (rng.uniform(size=(size, size)) < filled), k=1)


def chain(offset, g=0.45):
    """Slopes 1, 0, −1, the middle level raised (E7)."""
    return {"slopes": [1.0, 0.0, -1.0], "offsets": [0.0, offset, 0.0], "couplings": [g, g]}


def as_diagram(numbers):
    return numbers | {"couplings": np.diag(numbers["couplings"], k=1)}


def grid(g, spacings):
    """Two bands of two levels, slopes ½ and −½, every pair coupled (E5)."""
    table = np.zeros((4, 4))
    table[:2, 2:] = g
    up, down = spacings
    offsets = [-up / 2, up / 2, -down / 2, down / 2]
    return {"slopes": [0.5, 0.5, -0.5, -0.5], "offsets": offsets, "couplings": table}


def triangle(phase):
    """Three levels that are all coupled, with a phase around the loop (E8)."""
    table = np.diag([0.3, 0.35], k=1).astype(complex)
    table[0, 2] = 0.25 * np.exp(-1j * phase)
    return {"slopes": [0.9, 0.0, -0.9], "offsets": [0.0, -0.2, 0.0], "couplings": table}
