"""What is done at each setting of the knobs before the qubit is read."""

from lzopen.characterization.protocols.base import Protocol
from lzopen.characterization.protocols.cycle import Cycle
from lzopen.characterization.protocols.pulsed import Pulsed
from lzopen.characterization.protocols.single_pulse import SinglePulse
from lzopen.characterization.protocols.steady import Steady

__all__ = ["Cycle", "Protocol", "Pulsed", "SinglePulse", "Steady"]
