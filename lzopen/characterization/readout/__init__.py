"""Read-out: from the population of the target state to what the instrument shows.

One object serves simulation (call it) and fits (they call it inside the
model); `invert` goes back from a signal to the population.
"""

from lzopen.characterization.readout.base import Readout
from lzopen.characterization.readout.capacitance import Capacitance
from lzopen.characterization.readout.confusion import Confusion
from lzopen.characterization.readout.current import Current
from lzopen.characterization.readout.derivative import Derivative
from lzopen.characterization.readout.iq import IQ
from lzopen.characterization.readout.linear import LinearReadout

__all__ = [
    "IQ",
    "Capacitance",
    "Confusion",
    "Current",
    "Derivative",
    "LinearReadout",
    "Readout",
]
