"""Messages lead to a page of the documentation that is there, and to a heading in it."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

import lzopen
import lzopen as lz
from lzopen import errors

HOUSE = Path(lzopen.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
PAGE = re.compile(r"[a-z_/]+(#[a-z0-9-]+)?")


def given_pages(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given as `page`, be it in the call or in the lines before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "page":
            yield node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names, values, strict=False):
                    if isinstance(name, ast.Name) and name.id == "page":
                        yield value


def all_pages() -> list[str]:
    files = [path.read_text(encoding="utf-8") for path in HOUSE.rglob("*.py")]
    values = [value for text in files for value in given_pages(ast.parse(text))]
    return [value.value for value in values if isinstance(value, ast.Constant)]


PAGES = all_pages()


def slug(heading: str) -> str:
    """The anchor that Sphinx gives to a heading."""
    plain = unicodedata.normalize("NFKD", heading.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", plain))


def headings(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.findall(r"^#+ (.+)$", text, flags=re.M)


def test_many_messages_lead_to_a_page() -> None:
    assert len(PAGES) >= 20
    assert all(PAGE.fullmatch(page) for page in PAGES), PAGES


@pytest.mark.skipif(not DOCS.is_dir(), reason="the documentation is not in this checkout")
@pytest.mark.parametrize("page", sorted(set(PAGES)))
def test_the_page_is_there_with_its_heading(page: str) -> None:
    name, _, anchor = page.partition("#")
    found = headings(DOCS / f"{name}.md")
    assert not anchor or anchor in map(slug, found), found


def test_an_error_ends_with_its_page() -> None:
    with pytest.raises(lz.LzopenError) as caught:
        errors.fail("gap", "be small", 3.0, "take less", page="guide/models#two-levels")
    assert str(caught.value) == (
        "Argument `gap` must be small, but is 3.0; take less. "
        "See guide/models.html#two-levels in the documentation."
    )


def test_a_warning_ends_with_its_page_and_keeps_its_number() -> None:
    with pytest.warns(lz.LzopenWarning) as caught:
        errors.warn("The gap is large.", 3.0, page="guide/models")
    assert str(caught[0].message) == "The gap is large. See guide/models.html in the documentation."
    assert caught[0].message.value == 3.0


def test_a_message_of_the_package_ends_with_its_page() -> None:
    driven = lz.TwoLevel(sweep=lz.Sinusoidal(1.0, 2.0), gap=1.0)
    end = r"; give window=\(t0, t1\)\. See guide/solving\.html#what-the-limit-means in the .*\.$"
    with pytest.raises(lz.LzopenError, match=end):
        lz.transition_matrix(driven)


def test_a_published_documentation_is_named_by_its_address(monkeypatch) -> None:
    about = Message()
    about["Project-URL"] = "Source, https://example.org/source"
    about["Project-URL"] = "Documentation, https://example.org/docs/"
    monkeypatch.setattr(errors, "metadata", lambda name: about)
    found = errors._see.__wrapped__("guide/solving#finite-windows")
    assert found == " See https://example.org/docs/guide/solving.html#finite-windows."


def test_a_package_that_is_not_installed_leads_to_the_page_all_the_same(monkeypatch) -> None:
    def missing(name: str) -> Message:
        raise errors.PackageNotFoundError(name)

    monkeypatch.setattr(errors, "metadata", missing)
    assert errors._see.__wrapped__("install") == " See install.html in the documentation."
