"""Measured data of any kind in, one labelled Dataset out."""

from lzopen.measurements.loading import load_measurement

__all__ = ["load_measurement"]
