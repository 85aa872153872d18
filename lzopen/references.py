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
    "fano1961": r"""@article{fano1961,
  author = {Fano, U.},
  title = {Effects of Configuration Interaction on Intensities and Phase Shifts},
  journal = {Phys. Rev.},
  volume = {124},
  pages = {1866},
  year = {1961},
  doi = {10.1103/PhysRev.124.1866}
}""",
    "kubo1963": r"""@article{kubo1963,
  author = {Kubo, Ryogo},
  title = {Stochastic {Liouville} Equations},
  journal = {J. Math. Phys.},
  volume = {4},
  pages = {174},
  year = {1963},
  doi = {10.1063/1.1703941}
}""",
    "demkov1968": r"""@article{demkov1968,
  author = {Demkov, Yu. N. and Osherov, V. I.},
  journal = {Sov. Phys. JETP},
  volume = {26},
  pages = {916},
  year = {1968}
}""",
    "carroll1986": r"""@article{carroll1986,
  author = {Carroll, C. E. and Hioe, F. T.},
  journal = {J. Phys. A},
  volume = {19},
  pages = {1151},
  year = {1986}
}""",
    "akulin1992": r"""@article{akulin1992,
  author = {Akulin, V. M. and Schleich, W. P.},
  journal = {Phys. Rev. A},
  volume = {46},
  pages = {4110},
  year = {1992},
  doi = {10.1103/PhysRevA.46.4110}
}""",
    "brundobler1993": r"""@article{brundobler1993,
  author = {Brundobler, S. and Elser, V.},
  journal = {J. Phys. A},
  volume = {26},
  pages = {1211},
  year = {1993}
}""",
    "vitanov1997": r"""@article{vitanov1997,
  author = {Vitanov, N. V. and Stenholm, S.},
  journal = {Phys. Rev. A},
  volume = {55},
  pages = {2982},
  year = {1997},
  doi = {10.1103/PhysRevA.55.2982}
}""",
    "ostrovsky1997": r"""@article{ostrovsky1997,
  author = {Ostrovsky, V. N. and Nakamura, H.},
  journal = {J. Phys. A},
  volume = {30},
  pages = {6939},
  year = {1997}
}""",
    "demkov2001": r"""@article{demkov2001,
  author = {Demkov, Yu. N. and Ostrovsky, V. N.},
  journal = {J. Phys. B},
  volume = {34},
  pages = {2419},
  year = {2001}
}""",
    "shytov2004": r"""@article{shytov2004,
  author = {Shytov, A. V.},
  journal = {Phys. Rev. A},
  volume = {70},
  pages = {052708},
  year = {2004},
  doi = {10.1103/PhysRevA.70.052708}
}""",
    "sinitsyn2004": r"""@article{sinitsyn2004,
  author = {Sinitsyn, N. A.},
  journal = {J. Phys. A},
  volume = {37},
  pages = {10691},
  year = {2004}
}""",
    "volkov2005": r"""@article{volkov2005,
  author = {Volkov, M. V. and Ostrovsky, V. N.},
  journal = {J. Phys. B},
  volume = {38},
  pages = {907},
  year = {2005}
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
    "rosen1932": r"""@article{rosen1932,
  author = {Rosen, N. and Zener, C.},
  journal = {Phys. Rev.},
  volume = {40},
  pages = {502},
  year = {1932},
  doi = {10.1103/PhysRev.40.502}
}""",
    "davis1976": r"""@article{davis1976,
  author = {Davis, J. P. and Pechukas, P.},
  journal = {J. Chem. Phys.},
  volume = {64},
  pages = {3129},
  year = {1976}
}""",
    "grossmann1991": r"""@article{grossmann1991,
  author = {Grossmann, F. and Dittrich, T. and Jung, P. and H{\"a}nggi, P.},
  journal = {Phys. Rev. Lett.},
  volume = {67},
  pages = {516},
  year = {1991},
  doi = {10.1103/PhysRevLett.67.516}
}""",
    "suominen1992": r"""@article{suominen1992,
  author = {Suominen, K.-A. and Garraway, B. M.},
  journal = {Phys. Rev. A},
  volume = {45},
  pages = {374},
  year = {1992},
  doi = {10.1103/PhysRevA.45.374}
}""",
    "vitanov1999nonlinear": r"""@article{vitanov1999nonlinear,
  author = {Vitanov, N. V. and Suominen, K.-A.},
  journal = {Phys. Rev. A},
  volume = {59},
  pages = {4580},
  year = {1999},
  doi = {10.1103/PhysRevA.59.4580}
}""",
    "garanin2002": r"""@article{garanin2002,
  author = {Garanin, D. A. and Schilling, R.},
  journal = {Phys. Rev. B},
  volume = {66},
  pages = {174438},
  year = {2002},
  doi = {10.1103/PhysRevB.66.174438}
}""",
    "ashhab2007": r"""@article{ashhab2007,
  author = {Ashhab, S. and Johansson, J. R. and Zagoskin, A. M. and Nori, Franco},
  journal = {Phys. Rev. A},
  volume = {75},
  pages = {063414},
  year = {2007},
  doi = {10.1103/PhysRevA.75.063414}
}""",
    "oliver2005": r"""@article{oliver2005,
  author = {Oliver, William D. and Yu, Yang and Lee, Janice C. and Berggren, Karl K. and
    Levitov, Leonid S. and Orlando, Terry P.},
  title = {{Mach-Zehnder} Interferometry in a Strongly Driven Superconducting Qubit},
  journal = {Science},
  volume = {310},
  pages = {1653},
  year = {2005},
  eprint = {cond-mat/0512691},
  archiveprefix = {arXiv}
}""",
    "berns2006": r"""@article{berns2006,
  author = {Berns, D. M. and others},
  journal = {Phys. Rev. Lett.},
  volume = {97},
  pages = {150502},
  year = {2006}
}""",
    "rudner2008": r"""@article{rudner2008,
  author = {Rudner, M. S. and others},
  journal = {Phys. Rev. Lett.},
  volume = {101},
  pages = {190502},
  year = {2008}
}""",
    "kubo1954": r"""@article{kubo1954,
  author = {Kubo, Ryogo},
  journal = {J. Phys. Soc. Jpn.},
  volume = {9},
  pages = {935},
  year = {1954}
}""",
    "kayanuma1985": r"""@article{kayanuma1985,
  author = {Kayanuma, Yosuke},
  journal = {J. Phys. Soc. Jpn.},
  volume = {54},
  pages = {2037},
  year = {1985}
}""",
    "pokrovsky2003": r"""@article{pokrovsky2003,
  author = {Pokrovsky, V. L. and Sinitsyn, N. A.},
  title = {Fast noise in the {Landau-Zener} theory},
  journal = {Phys. Rev. B},
  volume = {67},
  pages = {144303},
  year = {2003}
}""",
    "ithier2005": r"""@article{ithier2005,
  author = {Ithier, G. and others},
  journal = {Phys. Rev. B},
  volume = {72},
  pages = {134519},
  year = {2005}
}""",
    "wubs2006": r"""@article{wubs2006,
  author = {Wubs, M. and Saito, K. and Kohler, S. and H{\"a}nggi, P. and Kayanuma, Y.},
  journal = {Phys. Rev. Lett.},
  volume = {97},
  pages = {200404},
  year = {2006}
}""",
    "saito2007": r"""@article{saito2007,
  author = {Saito, K. and Wubs, M. and Kohler, S. and Kayanuma, Y. and H{\"a}nggi, P.},
  title = {Dissipative {Landau-Zener} transitions of a qubit: Bath-specific and universal behavior},
  journal = {Phys. Rev. B},
  volume = {75},
  pages = {214308},
  year = {2007}
}""",
    "cywinski2008": r"""@article{cywinski2008,
  author = {Cywi{\'n}ski, {\L}. and Lutchyn, R. M. and Nave, C. P. and Das Sarma, S.},
  journal = {Phys. Rev. B},
  volume = {77},
  pages = {174509},
  year = {2008}
}""",
    "avron2011": r"""@article{avron2011,
  author = {Avron, J. E. and Fraas, M. and Graf, G. M. and Grech, P.},
  journal = {Comm. Math. Phys.},
  volume = {305},
  pages = {633},
  year = {2011}
}""",
    "krzywda2020": r"""@article{krzywda2020,
  author = {Krzywda, J. A. and Cywi{\'n}ski, {\L}.},
  journal = {Phys. Rev. B},
  volume = {101},
  pages = {035303},
  year = {2020}
}""",
    "gasparinetti2011": r"""@article{gasparinetti2011,
  author = {Gasparinetti, S. and Solinas, P. and Pekola, J. P.},
  journal = {Phys. Rev. Lett.},
  volume = {107},
  pages = {207002},
  year = {2011},
  doi = {10.1103/PhysRevLett.107.207002}
}""",
    "lehto2012": r"""@misc{lehto2012,
  author = {Lehto, J. and Suominen, K.-A.},
  title = {Superparabolic Level Glancing Models for Two-State Quantum Systems},
  year = {2012},
  eprint = {1205.6604},
  archiveprefix = {arXiv}
}""",
    "ivakhnenko2023": r"""@article{ivakhnenko2023,
  author = {Ivakhnenko, Oleh V. and Shevchenko, Sergey N. and Nori, Franco},
  title = {Nonadiabatic {Landau-Zener-St{\"u}ckelberg-Majorana} transitions, dynamics,
    and interference},
  journal = {Phys. Rep.},
  volume = {995},
  pages = {1},
  year = {2023},
  eprint = {2203.16348},
  archiveprefix = {arXiv}
}""",
    "alicki1979": r"""@article{alicki1979,
  author = {Alicki, R.},
  journal = {J. Phys. A},
  volume = {12},
  pages = {L103},
  year = {1979}
}""",
    "spohn1978": r"""@article{spohn1978,
  author = {Spohn, Herbert},
  journal = {J. Math. Phys.},
  volume = {19},
  pages = {1227},
  year = {1978}
}""",
    "albash2012": r"""@article{albash2012,
  author = {Albash, Tameem and Boixo, Sergio and Lidar, Daniel A. and Zanardi, Paolo},
  journal = {New J. Phys.},
  volume = {14},
  pages = {123016},
  year = {2012}
}""",
    "talkner2007": r"""@article{talkner2007,
  author = {Talkner, Peter and Lutz, Eric and H{\"a}nggi, Peter},
  journal = {Phys. Rev. E},
  volume = {75},
  pages = {050102},
  year = {2007}
}""",
    "deffner2010": r"""@article{deffner2010,
  author = {Deffner, Sebastian and Lutz, Eric},
  title = {Generalized {Clausius} inequality for nonequilibrium quantum processes},
  journal = {Phys. Rev. Lett.},
  volume = {105},
  pages = {170402},
  year = {2010},
  doi = {10.1103/PhysRevLett.105.170402}
}""",
    "plastina2014": r"""@article{plastina2014,
  author = {Plastina, F. and Alecce, A. and Apollaro, T. J. G. and Falcone, G. and Francica, G. and
    Galve, F. and Lo Gullo, N. and Zambrini, R.},
  title = {Irreversible work and inner friction in quantum thermodynamic processes},
  journal = {Phys. Rev. Lett.},
  volume = {113},
  pages = {260601},
  year = {2014},
  doi = {10.1103/PhysRevLett.113.260601}
}""",
    "francica2019": r"""@article{francica2019,
  author = {Francica, G. and Goold, J. and Plastina, F.},
  title = {Role of coherence in the nonequilibrium thermodynamics of quantum systems},
  journal = {Phys. Rev. E},
  volume = {99},
  pages = {042105},
  year = {2019},
  doi = {10.1103/PhysRevE.99.042105}
}""",
    "damski2005": r"""@article{damski2005,
  author = {Damski, Bogdan},
  journal = {Phys. Rev. Lett.},
  volume = {95},
  pages = {035701},
  year = {2005}
}""",
    "levy2014": r"""@article{levy2014,
  author = {Levy, Amikam and Kosloff, Ronnie},
  journal = {EPL},
  volume = {107},
  pages = {20004},
  year = {2014}
}""",
    "hekking2013": r"""@article{hekking2013,
  author = {Hekking, F. W. J. and Pekola, J. P.},
  journal = {Phys. Rev. Lett.},
  volume = {111},
  pages = {093602},
  year = {2013}
}""",
    "esposito2010": r"""@article{esposito2010,
  author = {Esposito, M. and Lindenberg, K. and {Van den Broeck}, C.},
  journal = {New J. Phys.},
  volume = {12},
  pages = {013013},
  year = {2010}
}""",
    "kato2016": r"""@article{kato2016,
  author = {Kato, A. and Tanimura, Y.},
  journal = {J. Chem. Phys.},
  volume = {145},
  pages = {224105},
  year = {2016}
}""",
    "barra2016": r"""@article{barra2016,
  author = {Barra, F. and Esposito, M.},
  journal = {Phys. Rev. E},
  volume = {93},
  pages = {062118},
  year = {2016}
}""",
    "risken1989": r"""@book{risken1989,
  author = {Risken, Hannes},
  title = {The {Fokker}-{Planck} Equation: Methods of Solution and Applications},
  edition = {2},
  publisher = {Springer},
  year = {1989}
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
