"""The bibliography is sound, and `cite` returns what ran."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files
from types import SimpleNamespace

import pytest
import xarray

import lzopen as lz
from lzopen.errors import LzopenError
from lzopen.references import BIBLIOGRAPHY, cite


def result(provenance) -> xarray.Dataset:
    return xarray.Dataset(attrs={"lzopen": json.dumps(provenance)})


@pytest.mark.parametrize("key", BIBLIOGRAPHY)
def test_entry_is_bibtex(key):
    entry = BIBLIOGRAPHY[key]
    assert re.match(rf"@(article|book|inproceedings|misc){{{key},\n", entry)
    assert entry.count("{") == entry.count("}")
    fields = dict(re.findall(r"^  (\w+) = \{(.*?)\},?$", entry, re.MULTILINE | re.DOTALL))
    assert {"author", "year"} <= fields.keys()
    assert re.fullmatch(r"\d{4}", fields["year"])
    if entry.startswith("@article"):
        assert {"journal", "volume", "pages"} <= fields.keys()
    if entry.startswith("@inproceedings"):
        assert {"title", "booktitle"} <= fields.keys()
    assert entry.isascii()


def test_every_entry_of_the_file_is_read():
    text = files("lzopen.references").joinpath("bibliography.bib").read_text(encoding="utf-8")
    assert "\n\n".join(BIBLIOGRAPHY.values()) + "\n" == text
    assert len(BIBLIOGRAPHY) == text.count("@")


def test_entries_are_distinct():
    bodies = [entry.split(",\n", 1)[1] for entry in BIBLIOGRAPHY.values()]
    assert len(set(bodies)) == len(bodies)


def documented() -> dict[str, str]:
    """Docstrings of all that is public, by name."""
    homes = (lz, lz.theory, lz.plotting, lz.thermodynamics)
    public = {(home.__name__, name): getattr(home, name) for home in homes for name in home.__all__}
    return {".".join(n): inspect.getdoc(each) or "" for n, each in public.items() if callable(each)}


def fields(entry: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) = \{(.*)\}", entry, re.MULTILINE))


@pytest.mark.parametrize("name", documented())
def test_what_the_docstrings_cite_is_in_the_bibliography(name):
    known = [fields(entry) for entry in BIBLIOGRAPHY.values()]
    printed = {(each.get("volume"), each.get("pages"), each["year"]) for each in known}
    cited = documented()[name].partition("References\n")[2].partition("\nExamples\n")[0]
    papers = set(re.findall(r" (\d+), (\w+) \((\d{4})\)", cited))
    preprints = set(re.findall(r"arXiv:([\d.]+\d)", cited))
    books = set(re.findall(r"[^\W\d]+, (?:\d+ \()?(\d{4})\)", cited))
    assert papers or preprints or books or not cited
    assert papers <= printed
    assert preprints | books <= {value for each in known for value in each.values()}


def with_references():
    classes = {name: each for name, each in vars(lz).items() if isinstance(each, type)}
    own = {name: getattr(each, "references", ()) for name, each in classes.items()}
    return [(name, key) for name, keys in own.items() if isinstance(keys, tuple) for key in keys]


@pytest.mark.parametrize(("name", "key"), with_references())
def test_what_a_class_hands_to_cite_stands_in_its_docstring(name, key):
    entry = fields(BIBLIOGRAPHY[key])
    assert f" {entry['volume']}, {entry['pages']} ({entry['year']})" in inspect.getdoc(
        getattr(lz, name)
    )


def test_results_cite_the_device_and_the_noise_that_ran():
    comb = lz.DemkovOsherov(rate=1.0, offsets=[-1.0, 1.0], couplings=[0.3, 0.2])
    keys = json.loads(lz.evolve(comb, times=[-1.0, 1.0]).attrs["lzopen"])["references"]
    assert keys == ["qutip5", "demkov1968"]
    qubit = lz.TwoLevel(sweep=lz.Linear(1.0), gap=0.5)
    slow = qubit.with_environment(lz.Dephasing(0.1, basis="adiabatic"))
    keys = json.loads(lz.transition_matrix(slow, window=(-2, 2)).attrs["lzopen"])["references"]
    assert keys == ["blanes2009", "avron2011"]
    noise = lz.Telegraph(amplitude=0.2, rate=0.5)
    shaken = lz.noise_average(qubit, noise, times=[-2.0, 2.0], trajectories=4, seed=1)
    keys = json.loads(shaken.attrs["lzopen"])["references"]
    assert {"paladino2002", "paladino2014"} <= {*keys}


def test_cite_keeps_order_and_drops_repetitions():
    text = cite(result({"references": ["qutip5", "zener1932", "qutip5"], "seed": 1}))
    assert text == BIBLIOGRAPHY["qutip5"] + "\n\n" + BIBLIOGRAPHY["zener1932"]


def test_cite_takes_any_object_with_attrs():
    carrier = SimpleNamespace(attrs={"lzopen": '{"references": ["lmfit"]}'})
    assert cite(carrier) == BIBLIOGRAPHY["lmfit"]
    assert cite(result({"references": []})) == ""


@pytest.mark.parametrize(
    "bad",
    [
        xarray.Dataset(),
        xarray.Dataset(attrs={"lzopen": "not JSON"}),
        xarray.Dataset(attrs={"lzopen": 3}),
        result({"seed": 1}),
        result(["zener1932"]),
        42,
    ],
)
def test_cite_explains_a_missing_list(bad):
    with pytest.raises(LzopenError, match="Argument `result` must carry its provenance"):
        cite(bad)


@pytest.mark.parametrize("names", ["zener1932", [1932], None])
def test_cite_rejects_names_that_are_not_a_list_of_strings(names):
    with pytest.raises(LzopenError, match="must list its references by name"):
        cite(result({"references": names}))


def test_cite_names_what_it_does_not_know():
    with pytest.raises(LzopenError, match="does not have: newton1687;"):
        cite(result({"references": ["zener1932", "newton1687"]}))
