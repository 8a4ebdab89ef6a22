"""That a policy without rotation ends the rule that is in force under the control, in words."""

from collections.abc import Iterable, Mapping, Sequence

from figures.records import Comparison, Ended
from figures.text import Text


def note(comparison: Comparison, t: Text) -> str:
    """Return that policies compared end what is in force under the control; empty where none does."""
    return told((one for policy in comparison.policies for one in policy.ends), comparison.control.title, t)


def told(ends: Iterable[Ended], control: Mapping[str, str], t: Text) -> str:
    """Return which rules are in force under a control and that policies without rotation end them."""
    return _said([one.title for one in ends], "ending.note", t, control=control[t.language])


def hint(titles: Sequence[Mapping[str, str]], t: Text) -> str:
    """Return before any run that a policy without rotation would end the rules of these titles."""
    return _said(titles, "ending.hint", t)


def _said(titles: Sequence[Mapping[str, str]], key: str, t: Text, **values: str) -> str:
    names = dict.fromkeys(title[t.language] for title in titles)
    rules = t("phrase.comma").join(t("ending.rule", name=name) for name in names)
    return t(key, rules=rules, **values) if rules else ""
