"""Decays under pulse sequences in, a spectrum of noise out."""

from lzopen.characterization.spectra.inference import infer_spectrum

__all__ = ["infer_spectrum"]
