"""BibTeX of the theory and the software that lzopen stands on, in ``bibliography.bib``.

Titles are given where they could be confirmed; journal, volume and page always.
"""

from lzopen.references.citing import BIBLIOGRAPHY, cite

__all__ = ["BIBLIOGRAPHY", "cite"]
