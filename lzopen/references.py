"""BibTeX of the theory and the software that lzopen stands on.

Titles are given where they could be confirmed; journal, volume and page always.
"""

from __future__ import annotations

import json
from typing import Any

from lzopen.errors import LzopenError

__all__ = ["BIBLIOGRAPHY", "cite"]


def cite(result: Any) -> str:
    """BibTeX of everything that a result rests on.

    Parameters
    ----------
    result : xarray.Dataset
        Or any object with ``attrs["lzopen"]``: a JSON object whose "references" is a
        list of keys of ``BIBLIOGRAPHY``.

    Returns
    -------
    str
        One entry for each key, in the order of the list and without repetition,
        separated by blank lines.

    Raises
    ------
    LzopenError
        If the result carries no references, or one that this version does not know.

    Examples
    --------
    >>> import xarray
    >>> result = xarray.Dataset(attrs={"lzopen": '{"references": ["zener1932"]}'})
    >>> print(cite(result))
    @article{zener1932,
      author = {Zener, Clarence},
      title = {Non-adiabatic crossing of energy levels},
      journal = {Proc. R. Soc. A},
      volume = {137},
      pages = {696},
      year = {1932},
      doi = {10.1098/rspa.1932.0165}
    }
    """
    keys = _keys(result)
    unknown = [key for key in keys if key not in BIBLIOGRAPHY]
    if unknown:
        raise LzopenError(
            f"Argument `result` names references that this version of lzopen does not have: "
            f"{', '.join(map(str, unknown))}; read it with the version that wrote it."
        )
    return "\n\n".join(BIBLIOGRAPHY[key] for key in dict.fromkeys(keys))


def _keys(result: Any) -> list[str]:
    try:
        keys = json.loads(result.attrs["lzopen"])["references"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LzopenError(
            "Argument `result` must carry its provenance as JSON in attrs['lzopen'], with a list "
            f"under 'references', but is a {type(result).__name__} without; pass what an lzopen "
            "function returned, and use xarray.set_options(keep_attrs=True) when computing with it."
        ) from error
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise LzopenError(
            f"Argument `result` must list its references by name, but attrs['lzopen'] has {keys!r}."
        )
    return keys


BIBLIOGRAPHY = {
    "landau1932": r"""@article{landau1932,
  author = {Landau, L. D.},
  title = {Zur Theorie der Energie{\"u}bertragung. {II}},
  journal = {Phys. Z. Sowjetunion},
  volume = {2},
  pages = {46},
  year = {1932}
}""",
    "zener1932": r"""@article{zener1932,
  author = {Zener, Clarence},
  title = {Non-adiabatic crossing of energy levels},
  journal = {Proc. R. Soc. A},
  volume = {137},
  pages = {696},
  year = {1932},
  doi = {10.1098/rspa.1932.0165}
}""",
    "stueckelberg1932": r"""@article{stueckelberg1932,
  author = {St{\"u}ckelberg, E. C. G.},
  title = {Theorie der unelastischen St{\"o}sse zwischen Atomen},
  journal = {Helv. Phys. Acta},
  volume = {5},
  pages = {369},
  year = {1932}
}""",
    "majorana1932": r"""@article{majorana1932,
  author = {Majorana, Ettore},
  title = {Atomi orientati in campo magnetico variabile},
  journal = {Nuovo Cimento},
  volume = {9},
  pages = {43},
  year = {1932}
}""",
    "vitanov1996": r"""@article{vitanov1996,
  author = {Vitanov, N. V. and Garraway, B. M.},
  title = {{Landau-Zener} model: Effects of finite coupling duration},
  journal = {Phys. Rev. A},
  volume = {53},
  pages = {4288},
  year = {1996},
  doi = {10.1103/PhysRevA.53.4288}
}""",
    "vitanov1999": r"""@article{vitanov1999,
  author = {Vitanov, N. V.},
  journal = {Phys. Rev. A},
  volume = {59},
  pages = {988},
  year = {1999},
  doi = {10.1103/PhysRevA.59.988}
}""",
    "kayanuma1984": r"""@article{kayanuma1984,
  author = {Kayanuma, Yosuke},
  journal = {J. Phys. Soc. Jpn.},
  volume = {53},
  pages = {108},
  year = {1984},
  doi = {10.1143/JPSJ.53.108}
}""",
    "kayanuma1997": r"""@article{kayanuma1997,
  author = {Kayanuma, Yosuke},
  journal = {Phys. Rev. A},
  volume = {55},
  pages = {R2495},
  year = {1997},
  doi = {10.1103/PhysRevA.55.R2495}
}""",
    "shevchenko2010": r"""@article{shevchenko2010,
  author = {Shevchenko, S. N. and Ashhab, S. and Nori, Franco},
  title = {{Landau-Zener-St{\"u}ckelberg} interferometry},
  journal = {Phys. Rep.},
  volume = {492},
  pages = {1},
  year = {2010},
  doi = {10.1016/j.physrep.2010.03.002}
}""",
    "blanes2009": r"""@article{blanes2009,
  author = {Blanes, S. and Casas, F. and Oteo, J. A. and Ros, J.},
  title = {The {Magnus} expansion and some of its applications},
  journal = {Phys. Rep.},
  volume = {470},
  pages = {151},
  year = {2009},
  doi = {10.1016/j.physrep.2008.11.001}
}""",
    "qutip5": r"""@article{qutip5,
  author = {Lambert, Neill and Gigu{\`e}re, Eric and Menczel, Paul and Li, Boxi and Hopf, Patrick
    and Su{\'a}rez, Gerardo and Gali, Marc and Lishman, Jake and Gadhvi, Rushiraj and
    Agarwal, Rochisha and Galicia, Asier and Shammah, Nathan and Nation, Paul and
    Johansson, J. R. and Ahmed, Shahnawaz and Cross, Simon and Pitchford, Alexander and
    Nori, Franco},
  title = {{QuTiP} 5: The Quantum Toolbox in {Python}},
  journal = {Phys. Rep.},
  volume = {1153},
  pages = {1},
  year = {2026},
  doi = {10.1016/j.physrep.2025.10.001},
  eprint = {2412.04705},
  archiveprefix = {arXiv}
}""",
    "lmfit": r"""@misc{lmfit,
  author = {Newville, Matthew and Stensitzki, Till and Allen, Daniel B. and Ingargiola, Antonino},
  title = {{LMFIT}: Non-Linear Least-Square Minimization and Curve-Fitting for {Python}},
  publisher = {Zenodo},
  year = {2014},
  doi = {10.5281/zenodo.11813}
}""",
}
"""BibTeX entries by key."""
