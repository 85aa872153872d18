"""Errors from the scatter between groups of rows, whatever the noise within them."""

from __future__ import annotations

import numpy as np

from lzopen.characterization.conclusion import Robust
from lzopen.characterization.minimum import Array, Minimum
from lzopen.characterization.points import Points

__all__ = ["sandwich"]


def sandwich(points: Points, curve: Array, minimum: Minimum) -> Robust | None:
    """Covariance H⁻¹ (Σ_g s_g s_gᵀ) H⁻¹ G/(G−1), s_g being the slope of the deviance in a group.

    Rows of a group may share noise in any way, over all settings; groups are independent. With
    hardly more groups than parameters nothing follows, and the answer is None.
    """
    rows = points.rows
    if rows is None:
        return None
    count = int(rows.group.max()) + 1
    if count < 2 * len(minimum.free) + 2:
        return None
    pull = rows.share * (rows.signal - curve[rows.point]) / points.noise(curve)[rows.point]
    slopes = np.zeros((count, len(minimum.free)))
    np.add.at(slopes, rows.group, pull[:, None] * minimum.jacobian[rows.point])
    slopes -= slopes.mean(axis=0)
    middle = count / (count - 1) * slopes.T @ slopes
    return Robust(minimum.covariance @ middle @ minimum.covariance, count)
