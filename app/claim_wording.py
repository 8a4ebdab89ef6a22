"""Findings about claims put into words for the terminal."""

from __future__ import annotations

from typing import Any

from app.terminal import Column, table
from app.wording import grounds
from figures import claim_words
from figures.claim_results import Experiment, Experiments
from figures.moves import sentences
from figures.text import text

COLUMNS = ("row", "place", "numbers", "unit", "wanted", "share", "said")


def claim_table(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return the numbers of a claim as an aligned table, its verdict, and what it turns and hinges on."""
    t, found = text(language), Experiment.model_validate(document)
    values = claim_words.facts(found, t)
    columns = [Column(t(f"claim.{name}")) for name in COLUMNS]
    more = [sentence for contrast in found.contrasts for sentence in claim_words.more(contrast, t)]
    signs = [t("claim.gallery.presumed") + t("hinge.and") + one.sign[language] for one in found.presumed]
    figure = f"{found.results_dir}/figures/{'claim.zh.png' if language == 'zh' else 'claim.png'}"
    notes = [*more, t("claim.rule", **values), *signs]
    notes += [*sentences(found.moves, t), grounds(found.synthetic, t)]
    notes += [t("claim.files", path=f"{found.results_dir}/experiment.json")]
    notes += [t("claim.drawn", path=figure)] if drawn else []
    verdict = f"{found.title[language]}: {claim_words.verdict(found, t)}"
    numbers = table(columns, claim_words.rows(found, t))
    return "\n".join([t("claim.heading", **values), "", numbers, "", verdict, "", *notes])


def claims_table(document: dict[str, Any], language: str, drawn: bool) -> str:
    """Return one line a claim: its verdict."""
    t, found = text(language), Experiments.model_validate(document)
    columns = [Column(t(f"claim.{name}")) for name in ("claim", "documents", "kind", "result")]
    rows = []
    for one in found.claims:
        title, documents = f"{one.claim.upper()} {one.title[language]}", t("phrase.comma").join(one.documents)
        rows.append([title, documents, t(f"claim.kind_of.{one.kind}"), claim_words.verdict(one, t)])
    directory = document["results_dir"]
    page = f"{directory}/{'gallery.zh.html' if language == 'zh' else 'gallery.html'}"
    notes = [t("claim.files", path=f"{directory}/claims.csv")] + ([t("claim.gallery_at", path=page)] if drawn else [])
    return "\n".join([table(columns, rows), "", *notes])
