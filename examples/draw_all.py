"""Draw every figure of the examples, and a page that shows them all.

Run as ``python examples/draw_all.py [FOLDER]``; the folder is ``figures`` if left out. Ends with an
error where a number differs from its reference.
"""

import contextlib
import html
import io
import os
import runpy
import sys
from pathlib import Path

import matplotlib.pyplot as plt
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figures of lzopen</title>
<style>
  body {{ font-family: sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }}
  main {{ display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); }}
  img {{ width: 100%; }}
  pre {{ white-space: pre-wrap; font-size: .8rem; }}
  .failed {{ color: #b00020; }}
</style>
</head>
<body>
<h1>Figures of lzopen</h1>
<main>
{cards}
</main>
</body>
</html>
"""
CARD = """<section>
<h2>{title}</h2>
<a href="{name}.png"><img src="{name}.png" alt="{title}"></a>
<p>{text}</p>
<pre{mark}>{printed}</pre>
</section>"""


def draw(example):
    """Run an example here; what it printed, and whether its numbers are right."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(example), run_name="__main__")
    except (Exception, SystemExit) as error:
        return f"{printed.getvalue()}{type(error).__name__}: {error}", False
    return printed.getvalue(), True


def card(example, printed, right):
    """The example on the page: its title, figure, first paragraph and check values."""
    source = example.read_text(encoding="utf-8").split('"""')[1]
    title, _, text = (part.strip() for part in source.strip().split("\n", 2))
    shown = {
        "title": title,
        "name": example.stem.removeprefix("plot_"),
        "text": text.split("\n\n")[0],
        "printed": printed,
    }
    mark = "" if right else ' class="failed"'
    return CARD.format(mark=mark, **{key: html.escape(value) for key, value in shown.items()})


def main():
    """Draw them all, and say which failed."""
    plt.switch_backend("Agg")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "figures").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    cards, failed = [], []
    for example in tqdm(sorted(HERE.rglob("plot_*.py")), desc="figures"):
        printed, right = draw(example)
        plt.close("all")
        cards.append(card(example, printed, right))
        failed += [] if right else [f"{example.name}: {printed.strip().splitlines()[-1]}"]
    Path("index.html").write_text(PAGE.format(cards="\n".join(cards)), encoding="utf-8")
    print(f"The figures are in {folder}; open index.html to see them all.")
    if failed:
        raise SystemExit("Not as they should be:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
