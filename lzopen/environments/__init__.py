"""What acts on a system besides its Hamiltonian."""

from lzopen.environments.base import Environment
from lzopen.environments.decay import Decay
from lzopen.environments.dephasing import Dephasing
from lzopen.environments.leak import Leak
from lzopen.environments.relaxation import Relaxation
from lzopen.environments.thermal import ThermalBath

__all__ = ["Decay", "Dephasing", "Environment", "Leak", "Relaxation", "ThermalBath"]
