"""All claims on one page: words, ground, finding, border and hinges, and figure; and their numbers as one table."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from figures import claim, claim_words, style
from figures.claim_results import EVERY, Contrast, Experiment, load_all
from figures.report import TEMPLATES
from figures.text import LANGUAGES, Text, text

NAME, TABLE = EVERY, "claims.csv"
COLOURS = {"holds": style.GREEN, "depends": style.ORANGE, "does_not_hold": style.VERMILLION}


def write_table(directory: str | Path) -> Path:
    """Write the numbers of all claims tried, one row a contrast and value of its lever, and return the path."""
    found = load_all(directory)
    rows = [
        {
            "claim": one.claim, "documents": " ".join(one.documents), "kind": one.kind, "verdict": one.verdict,
            "contrast": contrast.title["en"], "contrast_verdict": contrast.verdict, "beside": contrast.beside,
            "at": cell.at, "unit": contrast.outcome.unit["en"] if contrast.outcome.unit else "",
            "direction": contrast.direction, "margin": contrast.margin, **cell.value.model_dump(),
            "draws_low": cell.draws.low, "draws_middle": cell.draws.middle, "draws_high": cell.draws.high,
            "share": cell.share, "answer": cell.answer, "judged": cell.judged,
            "hinges": " ".join(hinge.path for hinge in contrast.hinges), "replicates": one.replicates,
            "draws": one.draws, "seed": one.seed, "scenario": one.scenario,
        }
        for one in found.claims
        for contrast in one.contrasts
        for cell in contrast.cells
    ]  # fmt: skip
    path = Path(directory) / TABLE
    path.write_text(style.spreadsheet(pd.DataFrame(rows)), encoding="utf-8", newline="\n")
    return path


def build(directory: str | Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Write the page in every language, ``gallery.html`` and ``gallery.zh.html``, and return the paths."""
    found, paths = load_all(directory), []
    for language in languages:
        path = Path(directory) / ("gallery.html" if language == "en" else f"gallery.{language}.html")
        path.write_text(render(found.claims, language), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def render(claims: Sequence[Experiment], language: str) -> str:
    """Return the page as HTML that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    t = text(language)
    tally = Counter[str](one.verdict for one in claims)
    page = environment.get_template("gallery.html.j2").render(
        t=t,
        tally=t("claim.gallery.tally", **{name: tally[name] for name in COLOURS}),
        rule=t("claim.rule", **claim_words.facts(claims[0], t)),
        synthetic=any(one.synthetic for one in claims),
        claims=[_section(one, t) for one in claims],
        version=claims[0].version,
    )
    return page.rstrip() + "\n"


def _section(found: Experiment, t: Text) -> dict[str, object]:
    figure = style.picture(claim.draw(found, t.language), "svg")
    return {
        "id": found.claim.upper(),
        "anchor": found.claim,
        "title": found.title[t.language],
        "kind": t(f"claim.kind_of.{found.kind}"),
        "documents": t("phrase.comma").join(found.documents),
        "verdict": claim_words.verdict(found, t),
        "colour": COLOURS[found.verdict],
        "quotations": found.quotations,
        "presumed": [
            t(
                "claim.gallery.presumed_item",
                sign=one.sign[t.language],
                process=one.process,
                parameters=", ".join(one.parameters),
            )
            for one in found.presumed
        ],
        "note": None if found.note is None else found.note[t.language],
        "findings": [_finding(contrast, t) for contrast in found.contrasts],
        "short": [claim_words.finding(contrast, t) for contrast in found.contrasts if not contrast.beside],
        "presumes": bool(found.presumed),
        "image": base64.b64encode(figure).decode(),
        "caption": t("claim.caption", **claim_words.facts(found, t)),
        "provenance": t("claim.provenance", **claim_words.facts(found, t)),
    }


def _finding(contrast: Contrast, t: Text) -> dict[str, object]:
    return {
        "sentence": claim_words.finding(contrast, t),
        "more": claim_words.more(contrast, t),
        "beside": contrast.beside,
    }
