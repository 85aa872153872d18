"""Membership in the QuTiP family: ``qutip.about()`` lists lzopen with its version."""

from lzopen._version import __version__

__all__ = ["version"]


def version() -> tuple[str, str]:
    """Name and version, as the entry point ``qutip.family`` asks for them.

    Examples
    --------
    >>> version()[0]
    'lzopen'
    """
    return "lzopen", __version__
