"""Figures on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lzopen.errors import choice
from lzopen.results import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def save(ax: Axes | Sequence[Axes], path: str | os.PathLike[str], *, dpi: int = 150) -> Path:
    """Write the figure of these Axes; an interrupted run leaves no half-written file.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, or a sequence of them
        Any Axes of the figure, or what a function of several panels returned.
    path : path-like
        Where to; the ending names the format.
    dpi : int
        Dots per inch.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    LzopenError
        If the folder does not exist, or the ending names no format.

    Examples
    --------
    >>> import tempfile, lzopen as lz
    >>> ax = lz.plotting.levels(lz.TwoLevel(sweep=lz.Linear(1.0), gap=1.0), -5, 5)
    >>> lz.plotting.save(ax, Path(tempfile.mkdtemp()) / "levels.png").name
    'levels.png'
    """
    target = Path(path)
    first: Any = np.ravel(np.asarray(ax, dtype=object))[0]
    figure = first.figure.canvas.figure  # the whole one, where the Axes lie in a part
    kind = target.suffix.lstrip(".").lower()
    choice("ending of path", kind, figure.canvas.get_supported_filetypes())
    with atomic_path(target) as part:
        figure.savefig(part, dpi=dpi, format=kind)
    return target
