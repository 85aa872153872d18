"""Which temperature each environment of a model has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lzopen.errors import fail, instance, not_negative, single
from lzopen.models import Model
from lzopen.models.parameters import member_names
from lzopen.waveforms.base import Array


def bath_temperatures(model: Model, given: Mapping[str, Any] | None = None) -> Array:
    """Temperatures, batch + (environments,); NaN of an environment that has none.

    ``given`` adds some by the names of environments.
    """
    instance("temperatures", given or {}, Mapping, "e.g. {'decay': 0.5}")
    named = dict(zip(member_names(model.environments), model.environments, strict=True))
    added = {}
    for name, temperature in (given or {}).items():
        if name not in named:
            must = f"name environments of the model, {', '.join(named) or 'which has none'}"
            fail("temperatures", must, repr(name))
        if named[name].reservoir_temperature is not None:
            must = "be left out for an environment that has its own"
            fail(f"temperatures[{name!r}]", must, temperature, "set that: model.with_parameters")
        value = not_negative(f"temperatures[{name!r}]", temperature)
        added[name] = single(f"temperatures[{name!r}]", value)
    found = np.full((*model.batch_shape, len(named)), np.nan)
    for place, (name, environment) in enumerate(named.items()):
        own = added.get(name, environment.reservoir_temperature)
        if own is not None:
            found[..., place] = own
    return found
