"""Any quantity over a grid of parameters: in process, in processes or on a cluster."""

from lzopen.scan.batches import batchable
from lzopen.scan.scanning import scan

__all__ = ["batchable", "scan"]
