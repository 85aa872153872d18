"""Configuration of the documentation; building it needs no network."""

import doctest
import re
from typing import Any

from lzopen import __version__

project = "lzopen"
author = "The lzopen developers"
release = __version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
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

plot_formats = [("png", 150)]
plot_html_show_formats = False
plot_html_show_source_link = False

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # a class page lists what is its own
autodoc_typehints = "none"  # the docstrings say types, shapes and units
numpydoc_show_class_members = False  # the class template lists them once

# The blocks of the pages run here. Docstring examples run in the tests, so they are left out.
doctest_test_doctest_blocks = ""
# Error messages are part of what the pages promise, so they are compared too.
doctest_default_flags = doctest.ELLIPSIS | doctest.DONT_ACCEPT_TRUE_FOR_1
# Measured data are not part of the repository; without them their examples are skipped.
doctest_global_setup = """
import os
from pathlib import Path
FOLDER = os.environ.get("LZOPEN_DATA")
FILES = {"floquet-job.json", "ramsey-job.json"}
NO_AQUILA = not FOLDER or FILES - {path.name for path in Path(FOLDER).rglob("*-job.json")}
"""

VERBATIM_OR_BAR = re.compile(
    r"""(?P<verbatim>
          ``.*?``                                             # literals
        | :math:`.*?`                                         # TeX in a line
        | ^[ ]*>>>.*?(?:\n\s*\n|\Z)                           # examples
        | ^([ ]*)\.\.[ ]math::[^\n]*\n(?:\2[ ]+[^\n]*\n|\s*\n)*  # TeX in a block
        ) | \|""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)

INITIAL = re.compile(r"^([ ]*)(?=[A-Z]\. )", re.MULTILINE)


def escape_bars(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Let |Δ| and |0⟩ be physics, where reST would look for a substitution of that name.

    And let an author keep the initial that begins a line, where reST would see a numbered list.
    """
    text = INITIAL.sub(r"\1\\", "\n".join(lines))
    lines[:] = VERBATIM_OR_BAR.sub(lambda match: match["verbatim"] or r"\|", text).split("\n")


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", escape_bars)
