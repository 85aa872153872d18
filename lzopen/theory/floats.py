"""Closed forms at the ends of the floats.

Ratios are formed before squares, and squares, ratios and phases stop at 1e300, where
only limits are left: so no argument of a formula makes it overflow.
"""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, warn

LARGEST = 1e300
_COUNTED = 1e12  # rad; float64 leaves larger phases in doubt by 1e-4 or more


def strength(coupling: Numeric, rate: Numeric) -> Numeric:
    """|g|²/|α|, which is δ of the gap 2g, up to 1e300."""
    with np.errstate(over="ignore"):
        return np.minimum(np.square(np.abs(coupling) / np.sqrt(np.abs(rate))), LARGEST)


def counted(phase: Numeric, stacklevel: int = 4) -> None:
    """Doubt a result whose phase is known to no fraction of a turn."""
    largest = float(np.max(np.abs(phase), initial=0.0))
    if largest > _COUNTED:
        warn(
            f"A phase of {largest:.3g} rad is rounded to {np.spacing(largest):.1g}, and the "
            f"interference with it; {_COUNTED:g} or less keep their digits.",
            largest,
            stacklevel,
        )


def ratio(energy: Numeric, omega: Numeric) -> Numeric:
    """E/ω, of a size up to 1e300."""
    with np.errstate(over="ignore"):
        return np.clip(np.divide(energy, omega), -LARGEST, LARGEST)
