"""Two passages with a step in between: what refocuses and what does not."""

from __future__ import annotations

import numpy as np

from lzopen.errors import Numeric, choice
from lzopen.theory.double_passage import (
    checked_sweep,
    contrast,
    doubt_separation,
    integrated_energy,
)
from lzopen.theory.floats import counted
from lzopen.theory.single import stokes_phase

__all__ = ["echo"]

_REACH = 5.0  # least ε_max in units of |Δ| and of √|α|

# with 4P(1−P) and ζ/2 + φ_S
_ECHOES = {
    "sign flip": lambda fringes, angle: fringes * np.cos(angle) ** 2,
    "pi pulse": lambda fringes, angle: 1 - fringes,
    "jump": lambda fringes, angle: fringes,
    "pi pulse, sign flip": lambda fringes, angle: np.ones_like(fringes),
    "jump, sign flip": lambda fringes, angle: np.zeros_like(fringes),
}


def echo(*, rate: Numeric, gap: Numeric, turning_point: Numeric, protocol: str) -> Numeric:
    """Probability to flip the diabatic state in two passages, with a step in between.

    =====================  ====================  =======  ========
    protocol               flip probability      control  detuning
    =====================  ====================  =======  ========
    sign flip              4P(1−P)cos²(ζ/2+φ_S)  no       no
    pi pulse               (1−2P)²               yes      yes
    jump                   4P(1−P)               yes      no
    pi pulse, sign flip    1                     yes      yes
    jump, sign flip        0                     yes      no
    =====================  ====================  =======  ========

    A sign flip turns Δ into −Δ for the second passage, a π pulse is a rotation σx at the
    turning point, and a jump takes the bias from ε_max to −ε_max at once, so that the
    second passage goes in the same direction as the first. The columns say what is
    refocused: the phase ζ that is controlled by ε_max, and a detuning that stands still.
    So a sign flip is no echo; it only exchanges bright and dark fringes, of contrast
    4P(1−P) as before. A jump is one for the control phase alone: a detuning x turns its
    result into 4P(1−P)cos²((ζ₊−ζ₋)/4) with ζ± = ζ at ε_max ± x.

    Asymptotic in ε_max ≫ |Δ|, √|α|; the sudden steps leave an error of order Δ/ε_max.

    Parameters
    ----------
    rate : float or array_like
        α, in rad per time squared, of either sign.
    gap : float, complex or array_like
        Δ, the smallest distance of the levels, in rad per time.
    turning_point : float or array_like
        ε_max > 0, in rad per time.
    protocol : {"sign flip", "pi pulse", "jump", "pi pulse, sign flip", "jump, sign flip"}
        What is done between the passages.

    Returns
    -------
    float or ndarray
        The probability that both passages and the step together flip the state.

    Raises
    ------
    LzopenError
        If ``rate`` is zero, ``turning_point`` is not positive, a value is not finite,
        the protocol is unknown, or the shapes do not broadcast.

    Warns
    -----
    LzopenWarning
        If ε_max is less than five times |Δ| or √|α|; it carries the ratio. If the fringes
        of a sign flip are hidden by rounding, ζ > 1e12 rad; it carries ζ.

    References
    ----------
    S. N. Shevchenko, S. Ashhab, F. Nori, Phys. Rep. 492, 1 (2010).

    Examples
    --------
    >>> sweep = {"rate": 1.0, "gap": 1.0, "turning_point": 30.0}
    >>> for protocol in ("sign flip", "pi pulse", "jump"):
    ...     print(f"{protocol:9} {echo(**sweep, protocol=protocol):.4f}")
    sign flip 0.6230
    pi pulse  0.3413
    jump      0.6587
    """
    rate, gap, turning_point = checked_sweep(rate, gap, turning_point)
    choice("protocol", protocol, _ECHOES)
    doubt_separation(rate, gap, turning_point, _REACH)
    zeta = integrated_energy(rate, gap, turning_point)
    if protocol == "sign flip":
        counted(zeta)
    angle = zeta / 2 + stokes_phase(rate=rate, gap=gap)
    fringes, angle = np.broadcast_arrays(contrast(rate, gap), angle)
    return np.array(_ECHOES[protocol](fringes, angle))[()]
