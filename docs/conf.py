"""Configuration of the documentation; building it needs no network."""

import doctest
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from lzopen import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "lzopen"
author = "The lzopen developers"
release = __version__

extensions = [
    "evidence",
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
]
exclude_patterns = ["_build", "gallery/**/*.ipynb", "gallery/**/*.py"]
templates_path = ["_templates"]
nitpicky = False

bibtex_bibfiles = ["../lzopen/references/bibliography.bib"]
bibtex_reference_style = "author_year"

html_theme = "furo"
html_title = f"lzopen {release}"

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

plot_formats = [("png", 150)]
plot_html_show_formats = False
plot_html_show_source_link = False

# Examples write their figures where they run: in a copy.
EXAMPLES = HERE / "_build" / "examples"
shutil.copytree(HERE.parent / "examples", EXAMPLES, dirs_exist_ok=True)
sphinx_gallery_conf = {
    "examples_dirs": str(EXAMPLES),
    "gallery_dirs": "gallery",
    "filename_pattern": "plot_",
    "ignore_pattern": "draw_all",
    "within_subsection_order": "FileNameSortKey",
    "image_srcset": ["2x"],
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
}

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


def escape_bars_of_gallery(app: Any, docname: str, source: list[str]) -> None:
    """The same in what an example says of itself."""
    if docname.startswith("gallery/"):
        said, code, rest = source[0].partition(".. code-block::")
        said = VERBATIM_OR_BAR.sub(lambda match: match["verbatim"] or r"\|", said)
        source[0] = said + code + rest


def setup(app: Any) -> None:
    app.connect("source-read", escape_bars_of_gallery)
    app.connect("autodoc-process-docstring", escape_bars)
