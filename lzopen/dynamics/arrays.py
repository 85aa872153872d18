"""Which array library the engine computes with: that of the arrays that it is given."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy
import numpy as np
from array_api_compat import array_namespace, is_array_api_obj, is_cupy_array, to_device

from lzopen.errors import fail
from lzopen.waveforms.base import Array


def namespace(*values: Any) -> Any:
    """The array namespace of those values that are arrays; NumPy's without any."""
    found = {array_namespace(value) for value in values if is_array_api_obj(value)}
    if len(found) > 1:
        names = " and ".join(sorted(each.__name__.rpartition(".")[2] for each in found))
        fail("axes", "be arrays of one library", names, "e.g. cupy.asarray moves one to the device")
    return found.pop() if found else array_api_compat.numpy


def on_host(values: Any) -> Array:
    """Numbers of any array library as a NumPy array."""
    return np.asarray(to_device(values, "cpu") if is_cupy_array(values) else values)
