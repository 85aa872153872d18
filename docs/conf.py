"""Configuration of the documentation; building it needs no network."""

import re
from typing import Any

from lzopen import __version__

project = "lzopen"
author = "The lzopen developers"
release = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = False

html_theme = "furo"
html_title = f"lzopen {release}"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types, shapes and units
numpydoc_show_class_members = False  # the class template lists them once

# The blocks of the pages run here. Docstring examples run in the tests, so they are left out.
doctest_test_doctest_blocks = ""

VERBATIM_OR_BAR = re.compile(
    r"""(?P<verbatim>
          ``.*?``                                             # literals
        | :math:`.*?`                                         # TeX in a line
        | ^[ ]*>>>.*?(?:\n\s*\n|\Z)                           # examples
        | ^([ ]*)\.\.[ ]math::[^\n]*\n(?:\2[ ]+[^\n]*\n|\s*\n)*  # TeX in a block
        ) | \|""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def escape_bars(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Let |Δ| and |0⟩ be physics, where reST would look for a substitution of that name."""
    text = "\n".join(lines)
    lines[:] = VERBATIM_OR_BAR.sub(lambda match: match["verbatim"] or r"\|", text).split("\n")


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", escape_bars)
