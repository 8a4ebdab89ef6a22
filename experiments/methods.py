"""Methods of sensitivity analysis by name: the design that each one needs, and its indices by SALib.

Source: Herman & Usher (2017), SALib, Journal of Open Source Software 2; each method's own source stands with it.
"""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from experiments import pawn, sampling
from experiments.design import Design, DesignError, Factor, Floats, from_shares, problem


class Given(NamedTuple):
    """What an analysis works on: the design, places of its points, an outcome, a seed, resamples of its own."""

    design: Design
    shares: Floats
    outcome: Floats
    seed: int
    resamples: int


Draw = Callable[[Sequence[Factor], int, int], Design]
Analysis = Callable[[Given], Mapping[str, Any]]

MOST_DELTA = 8
"""Resamples of delta, each of which takes seconds for twenty factors."""
RESAMPLES, FEW, LUCK = 300, 20, 100


class Method(NamedTuple):
    """A method of sensitivity analysis.

    Parameters
    ----------
    draw
        Makes the design from factors, samples and a seed.
    analyse
        Gives index → one number a factor from a design, the places of its points, an outcome and a seed.
    leading
        The index that factors are ranked by.
    samples
        Base samples unless told otherwise.
    block
        How many points in a row belong together and are resampled together, by the number of factors or groups; None
        where resampling points would break the design.
    resamples
        How often points are resampled for an interval.
    groups
        Whether it can take groups of factors as one.
    luck
        How often replicates alone are resampled, for the Monte Carlo error; 0 where an analysis takes seconds.
    listed
        Whether values without order can be a factor: only where an index does not depend on how they are numbered.
    whole
        Whether a factor can take whole numbers only.
    fewest
        Least base samples that the analysis, its intervals too, gives numbers from.
    most
        Most factors that the analysis can take; None where more only take longer.
    """

    draw: Draw
    analyse: Analysis
    leading: str
    samples: int
    block: Callable[[int], int] | None
    resamples: int = RESAMPLES
    luck: int = LUCK
    groups: bool = False
    listed: bool = False
    whole: bool = True
    fewest: int = 1
    most: int | None = None


def check(name: str, factors: Sequence[Factor], samples: int) -> None:
    """Refuse what a method cannot analyse, before anything is run.

    Raises
    ------
    DesignError
        If there are too few samples for it, or too many factors.
    """
    least, most = METHODS[name].fewest, METHODS[name].most
    if samples < least:
        raise DesignError("too_few_samples", name, f"{samples} samples are too few; give at least {least}", least=least)
    if most is not None and len(factors) > most:
        remedy = f"it fits a term to every pair; {len(factors)} factors are too many, name at most {most}"
        raise DesignError("too_many_factors", name, remedy, count=len(factors), most=most)


def _one(_: int) -> int:
    return 1


def _radial(count: int) -> int:
    return count + 1


def finite_differences(factors: Sequence[Factor], samples: int, seed: int = 0) -> Design:
    """Return base points and a small step of every factor from each: samples × (k + 1) points.

    Source: Sobol & Kucherenko (2009), Mathematics and Computers in Simulation 79.

    Raises
    ------
    DesignError
        If a factor takes whole numbers only, between which there is no derivative.
    """
    from SALib.sample.finite_diff import sample

    whole = [factor.name for factor in factors if factor.whole]
    if whole:
        raise DesignError("no_derivative", ", ".join(whole), "it takes whole numbers; leave it out or use morris")
    shares = sample(problem(factors), samples, seed=sampling.generator(seed))
    return from_shares("finite_differences", factors, shares, seed, {"samples": samples})


def fractional_factorial(factors: Sequence[Factor], samples: int, seed: int = 0) -> Design:
    """Return a two-level fractional factorial design; its number of points follows from the factors alone.

    Source: Saltelli et al. (2008), Global Sensitivity Analysis: The Primer.
    """
    from SALib.sample.ff import sample

    shares = np.asarray(sample(copy.deepcopy(problem(factors))))[:, : len(factors)]
    return from_shares("fractional_factorial", factors, shares, seed, {"samples": samples})


def shapley(factors: Sequence[Factor], samples: int, seed: int = 0) -> Design:
    """Return walks from one random point to another, a factor at a time in random order: samples × (k + 1) points.

    Source: Goda (2021), Reliability Engineering & System Safety 213.
    """
    from SALib.sample.shapley import sample

    shares = sample(problem(factors), samples, seed=sampling.generator(seed))
    return from_shares("shapley", factors, shares, seed, {"samples": samples})


def radial(factors: Sequence[Factor], samples: int, seed: int = 0) -> Design:
    """Return base points, and each with one factor taken from another point: samples × (k + 1) points.

    Drawn as a Sobol design without its second matrix, since SALib's own sampler uses the global generator.
    Source: Campolongo, Saltelli & Cariboni (2011), Computer Physics Communications 182.
    """
    whole = sampling.sobol(factors, samples, seed)
    assert whole.shares is not None
    blocks = whole.shares.reshape(samples, len(factors) + 2, len(factors))[:, :-1]
    shares = blocks.reshape(-1, len(factors))
    return from_shares("radial", factors, shares, seed, {"samples": samples})


def whole_seed(seed: int) -> int:
    """Return a positive seed: 0 is no seed to some of SALib's analyses."""
    return int(sampling.generator(seed).integers(1, 2**31))


def _salib(name: str, given: Given, **options: object) -> dict[str, Any]:
    """Return what a module of SALib finds; what it prints is not for the reader, and must not meet the document."""
    module = import_module(f"SALib.analyze.{name}")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return dict(module.analyze(copy.deepcopy(given.design.problem()), Y=given.outcome, **options))


def _sobol(given: Given) -> Mapping[str, Any]:
    second = bool(given.design.options["second_order"])
    seed = whole_seed(given.seed)
    return _salib("sobol", given, calc_second_order=second, num_resamples=given.resamples, seed=seed)


def _morris(given: Given) -> Mapping[str, Any]:
    levels, chance = given.design.options["levels"], sampling.generator(given.seed)
    found = _salib("morris", given, X=given.shares, num_levels=levels, num_resamples=given.resamples, seed=chance)
    return {name: np.ma.filled(np.ma.asarray(value), np.nan) for name, value in found.items() if name != "names"}


def _fast(given: Given) -> Mapping[str, Any]:
    harmonics = given.design.options["harmonics"]
    return _salib("fast", given, M=harmonics, num_resamples=given.resamples, seed=whole_seed(given.seed))


def _sampled(name: str) -> Analysis:
    """Return an analysis that takes points and resamples."""
    return lambda given: _salib(name, given, X=given.shares, num_resamples=given.resamples, seed=whole_seed(given.seed))


def _delta(given: Given) -> Mapping[str, Any]:
    """Return Borgonovo's delta of the sample as it is; its interval and its lack of bias need resamples."""
    resamples = max(2, min(given.resamples, MOST_DELTA))
    seed = whole_seed(given.seed)
    found = _salib("delta", given, X=given.shares, num_resamples=resamples, method="delta", seed=seed)
    return {"delta": found["delta_raw"], "delta_conf": found["delta_raw_conf"]}


def _ff(given: Given) -> Mapping[str, Any]:
    """Return main effects; what dummy factors seem to have is no index of ours."""
    return {"ME": _salib("ff", given, X=given.shares)["ME"][: given.shares.shape[1]]}


def _rsa(given: Given) -> Mapping[str, Any]:
    """Return for each factor the largest of the regional indices over parts of the outcome's range."""
    found = _salib("rsa", given, X=given.shares, target="Y")
    return {"rsa": np.array([np.nanmax(found[factor.name]) for factor in given.design.factors])}


def _discrepancy(given: Given) -> Mapping[str, Any]:
    return _salib("discrepancy", given, X=given.shares)


def _hdmr(name: str) -> Analysis:
    """Return an analysis by an expansion into terms, of which those of single factors come first."""

    def analyse(given: Given) -> Mapping[str, Any]:
        found, count = _salib(name, given, X=given.shares, seed=whole_seed(given.seed)), given.shares.shape[1]
        return {said: found[said][:count] for said in ("S", "S_conf", "ST", "ST_conf")}

    return analyse


def _radial_sets(name: str, *, points: bool) -> Analysis:
    def analyse(given: Given) -> Mapping[str, Any]:
        sets = len(given.outcome) // (given.shares.shape[1] + 1)
        more = {"X": given.shares} if points else {}
        seed = whole_seed(given.seed)
        return _salib(name, given, sample_sets=sets, num_resamples=given.resamples, seed=seed, **more)

    return analyse


def _shapley(given: Given) -> Mapping[str, Any]:
    found = _salib("shapley", given, X=given.shares)
    return {"shapley": found["shapley_normalized"], "shapley_conf": found["shapley_normalized_conf"]}


def _pawn(given: Given) -> Mapping[str, Any]:
    return pawn.indices(given.shares, given.outcome)


def _saltelli(count: int) -> int:
    return count + 2


METHODS: dict[str, Method] = {
    "morris": Method(sampling.morris, _morris, "mu_star", 20, _radial, groups=True),
    "sobol": Method(sampling.sobol, _sobol, "ST", 256, _saltelli, groups=True, listed=True),
    "pawn": Method(sampling.lhs, _pawn, "median", 512, _one, fewest=2),
    "fast": Method(sampling.fast, _fast, "ST", 129, None, fewest=sampling.fewest_fast()),
    "rbd_fast": Method(sampling.lhs, _sampled("rbd_fast"), "S1", 512, None, luck=FEW, fewest=42),
    "delta": Method(sampling.lhs, _delta, "delta", 512, None, luck=0, fewest=40),
    "dgsm": Method(finite_differences, _sampled("dgsm"), "dgsm", 64, _radial, whole=False, fewest=2),
    "ff": Method(fractional_factorial, _ff, "ME", 1, None),
    "hdmr": Method(sampling.lhs, _hdmr("hdmr"), "ST", 512, None, luck=0, fewest=300, most=40),
    "enhanced_hdmr": Method(sampling.lhs, _hdmr("enhanced_hdmr"), "ST", 512, None, luck=0, fewest=300, most=20),
    "shapley": Method(shapley, _shapley, "shapley", 256, _radial, listed=True, fewest=2),
    "radial_ee": Method(radial, _radial_sets("radial_ee", points=True), "mu_star", 32, _radial),
    "sobol_jansen": Method(
        radial, _radial_sets("sobol_jansen", points=False), "ST", 256, _radial, listed=True, fewest=2
    ),
    "rsa": Method(sampling.lhs, _rsa, "rsa", 512, _one, FEW, luck=0, fewest=21),
    "discrepancy": Method(sampling.lhs, _discrepancy, "s_discrepancy", 512, _one, FEW, fewest=2),
}
"""Those of SALib by its names; Morris, Sobol and PAWN first, which are the ones worked out in depth."""
