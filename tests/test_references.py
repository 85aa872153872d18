"""The bibliography is sound, and `cite` returns what ran."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files
from types import SimpleNamespace

import pytest
import xarray

from lzopen import theory
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


@pytest.mark.parametrize("name", theory.__all__)
def test_what_the_docstrings_cite_is_in_the_bibliography(name):
    known = {
        (re.search(r"volume = \{(.+)\}", e)[1], re.search(r"pages = \{(.+)\}", e)[1])
        for e in BIBLIOGRAPHY.values()
        if "volume" in e
    }
    cited = re.findall(r" (\w+), (\w+) \(\d{4}\)\.", inspect.getdoc(getattr(theory, name)))
    assert cited or "References" not in inspect.getdoc(getattr(theory, name))
    assert set(cited) <= known


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
