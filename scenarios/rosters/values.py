"""Read single cells: numbers, shares, dates, degrees and choices, as people write them. A fault is a code, no guess."""

import datetime
import math
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from model.columns import HONOURS
from scenarios.problems import nearest
from scenarios.rosters.headers import meanings, plain, words

CACHED = 1 << 14
LONGEST_NAME = 100
UNITS = re.compile(r"(?:人|名|个|所|位|年|岁|分|km|公里|千米|years?|yrs?)$", re.I)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,'’ \u00a0]\d{3})+(?:\.\d+)?")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.I)
YEARS_MONTHS = re.compile(r"(\d{1,2})年(?:零|又)?(\d{1,2})个?月")
DATE = re.compile(r"((?:19|20)\d\d)(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?)?(?:[ T]\d.*)?年?")
SOLID_DATE = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)?")
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: .*)?")
DEGREES = re.compile(
    r"([NSEW东西南北])?[经纬]?(\d{1,3})[°度]"
    r"(?:(\d{1,2}(?:\.\d+)?)(?:′(?!′)|'(?!')|分))?(?:(\d{1,2}(?:\.\d+)?)(?:′′|''|\"|秒))?([NSEW])?",
    re.I,
)
EXPONENT = re.compile(r"[+-]?\d(?:\.\d+)?E\+\d+", re.I)
FORMULA = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
SPREADSHEET_EPOCH = datetime.date(1899, 12, 30)
INSIDE, MARKS = re.compile(r"\(.*?\)"), re.compile(r"[()]")
AROUND_SUBJECT = re.compile(r"^(?:小学|初中|高中|中学|幼儿园)|(?:学科|教师|老师|课)$")
AWARDED_BY = re.compile(r"^(?:国家|省|设区市|地市|市|区|县|县市)级?")
BETWEEN = re.compile(r"[,、;/ ]+")
OF_THE_SCHOOL = "校级"
SEVERAL = re.compile(r"[/、,，;；+＋和与]")
TEN_THOUSAND = 10_000.0
LARGEST_SCORE = 1e9
TELLING = {
    "kindergarten": ("幼儿园", "kindergarten"),
    "primary": ("小学", "教学点", "primary school"),
    "junior": ("初中", "初级中学"),
}


class Fault(NamedTuple):
    """Why a cell cannot be read: the code of a problem, and what would be right."""

    code: str
    remedy: tuple[tuple[str, str], ...] = ()


@lru_cache(CACHED)
def tidy(text: str, marks: bool = True) -> str:
    """Return a text half-width and without spare spaces; a leading ' that only marks text is dropped."""
    half = " ".join((unicodedata.normalize("NFKC", text) if marks else text).split())
    return half[1:].lstrip() if half[:1] == "'" and half[1:2] in "=+-@" and len(half) > 1 else half


@lru_cache(CACHED)
def is_empty(text: str) -> bool:
    """Whether a cell that is not a name says nothing."""
    return not text.strip() or text.strip().casefold() in words()["rows"]["empty"]


@lru_cache(CACHED)
def name(text: str) -> str | Fault:
    """Return a name as text: digits and letters half-width, brackets as they are, leading zeros kept."""
    found = tidy("".join(unicodedata.normalize("NFKC", c) if c.isalnum() or c.isspace() else c for c in text), False)
    if found.upper() in FORMULA:
        return Fault("formula_error")
    if not all(letter.isprintable() for letter in found):
        return Fault("unprintable")
    if len(found) > LONGEST_NAME:
        return Fault("value_too_long", (("limit", str(LONGEST_NAME)),))
    return found


@lru_cache(CACHED)
def ident(text: str) -> str | Fault:
    """Return an id; one that a spreadsheet has shortened to an exponent is a fault, as its digits are lost."""
    found = name(tidy(text))
    if isinstance(found, str) and EXPONENT.fullmatch(found):
        return Fault("id_lost_digits")
    return found


@lru_cache(CACHED)
def number(text: str) -> float | Fault:
    """Return a number: thousands separators, units, percent signs and 万 are understood."""
    found = tidy(text)
    if found.upper() in FORMULA:
        return Fault("formula_error")
    if ISO_DATE.fullmatch(found):
        return Fault("became_date")
    factor = 1.0
    if found.endswith("万"):
        found, factor = found[:-1], TEN_THOUSAND
    found = UNITS.sub("", found.removesuffix("%").strip()).strip()
    if THOUSANDS.fullmatch(found):
        found = re.sub(r"[,'’ \u00a0]", "", found)
    if not NUMBER.fullmatch(found):
        return Fault("not_a_number")
    value = float(found) * factor
    return value if math.isfinite(value) else Fault("not_a_number")


def bounded(text: str, low: float, high: float) -> float | Fault:
    """Return a number within bounds."""
    found = number(text)
    if isinstance(found, Fault) or low <= found <= high:
        return found
    return Fault("out_of_bounds", (("allowed", f"{low:g}–{high:g}"),))


def score(text: str) -> float | Fault:
    """Return a score on any scale."""
    return bounded(text, -LARGEST_SCORE, LARGEST_SCORE)


def whole(text: str, low: int, high: int) -> int | Fault:
    """Return a whole number within bounds."""
    found = bounded(text, low, high)
    if isinstance(found, Fault):
        return found
    return int(found) if found == int(found) else Fault("not_whole")


def share(text: str) -> float | Fault:
    """Return a share of one: 0.15 and 15 % are the same."""
    found = number(text)
    if isinstance(found, Fault):
        return found
    value = found / 100.0 if tidy(text).endswith("%") else found
    return value if 0.0 <= value <= 1.0 else Fault("out_of_bounds", (("allowed", "0–1, 0 %–100 %"),))


def years(text: str) -> float | Fault:
    """Return years of service: 12, 12.5, 12年, 3年6个月."""
    found = YEARS_MONTHS.fullmatch(tidy(text))
    if found:
        return int(found[1]) + int(found[2]) / 12.0
    return bounded(text, 0.0, 60.0)


@lru_cache(CACHED)
def date(text: str) -> datetime.date | Fault:
    """Return a date: 2005-09-01, 2005/9, 2005.9, 2005年9月, 200509, 2005, or a spreadsheet's number of days."""
    found = tidy(text)
    if SERIAL.fullmatch(found):
        return SPREADSHEET_EPOCH + datetime.timedelta(days=int(float(found)))
    match = DATE.fullmatch(found) or SOLID_DATE.fullmatch(found)
    fault = Fault("not_a_date", (("example", "2005-09"),))
    if match is None:
        return fault
    try:
        return datetime.date(int(match[1]), int(match[2] or 9), int(match[3] or 1))
    except ValueError:
        return fault


@lru_cache(CACHED)
def degrees(text: str) -> float | Fault:
    """Return degrees east or north: 119.25, 119.25°, 119°15′30″, 东经119度15分."""
    found = tidy(text).replace(" ", "")
    match = DEGREES.fullmatch(found)
    if match:
        value = int(match[2]) + float(match[3] or 0) / 60.0 + float(match[4] or 0) / 3600.0
        return -value if (match[1] or match[5] or "").upper() in tuple("SW西南") else value
    plain_degrees = found.removeprefix("东经").removeprefix("北纬").rstrip("°度EeNn")
    return bounded(plain_degrees, -180.0, 180.0)


@lru_cache(CACHED)
def coordinates(text: str) -> tuple[float, float] | Fault:
    """Return degrees east and north from one cell, the larger first: in China longitudes are above latitudes."""
    parts = [degrees(part) for part in BETWEEN.split(tidy(text)) if part]
    found = sorted((part for part in parts if not isinstance(part, Fault)), reverse=True)
    return (found[0], found[1]) if len(parts) == len(found) == len(("lon", "lat")) else Fault("not_coordinates")


@lru_cache(CACHED)
def choice(kind: str, text: str) -> str | Fault:
    """Return the meaning of a word among the values of a kind."""
    known = meanings("values", kind)
    if form := _known(kind, text):
        return known[form]
    if tidy(text).upper() in FORMULA:
        return Fault("formula_error")
    allowed = " / ".join(_example(kind, meaning) for meaning in dict.fromkeys(known.values()) if meaning not in APART)
    letters = set(plain(text))
    candidates = (word for some in words()["values"][kind].values() for word in some)
    near = nearest(plain(text), [word for word in candidates if letters & set(word)])
    return Fault("unknown_value", (("allowed", allowed), ("nearest", near)))


def _known(kind: str, text: str) -> str:
    """Return the form of a text, as it stands or without brackets and what is in them, that is known; or nothing."""
    half = unicodedata.normalize("NFKC", text)
    forms = plain(half), plain(MARKS.sub("", half)), plain(INSIDE.sub("", half)), plain(half).removesuffix("学校")
    return next((form for form in forms if form in meanings("values", kind)), "")


@lru_cache(CACHED)
def is_literal(kind: str, text: str) -> bool:
    """Whether a word that is known means no more and no less than what it is taken as."""
    known = _known(kind, text) or (_known(kind, AROUND_SUBJECT.sub("", tidy(text))) if kind == "subject" else "")
    return known in {plain(word) for word in words()["literal"][kind]}


@lru_cache(CACHED)
def employment(text: str) -> str | Fault:
    """Return the employment; several words for the same one after the other, as in 编外聘用, are understood."""
    found, rest = choice("employment", text), plain(text)
    known = meanings("values", "employment")
    parts = set()
    while isinstance(found, Fault) and rest:
        word = max((word for word in known if rest.startswith(word)), key=len, default="")
        if not word:
            return found
        parts.add(known[word])
        rest = rest.removeprefix(word)
    return parts.pop() if len(parts) == 1 else found


APART = ("several", "county_seat", "not_teaching")


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _example(kind: str, meaning: str) -> str:
    """Return a word in Chinese and one in English for a meaning."""
    texts = words()["values"][kind][meaning]
    chinese = next((text for text in texts if _is_chinese(text)), "")
    return f"{chinese} {texts[0]}".strip()


@lru_cache(CACHED)
def subject(text: str) -> tuple[str, bool] | Fault:
    """Return the subject, and whether several were named, of which it is the first."""
    found = _without("subject", text, AROUND_SUBJECT)
    if isinstance(found, str):
        return found, False
    parts = [part for part in SEVERAL.split(text) if part.strip()]
    if len(parts) > 1:
        first = _without("subject", parts[0], AROUND_SUBJECT)
        return (first, True) if isinstance(first, str) else first
    return found


@lru_cache(CACHED)
def honour(text: str) -> tuple[str, bool] | Fault:
    """Return the highest of the honours named, and whether there were others that are not known."""
    found = [_honour(part.strip()) for part in SEVERAL.split(text) if part.strip()]
    known = [part for part in found if isinstance(part, str)]
    if not known:
        whole = choice("honour", text)
        return whole if isinstance(whole, Fault) else (whole, False)
    return max(known, key=HONOURS.index), len(known) < len(found)


def _honour(text: str) -> str | Fault:
    return "none" if text.startswith(OF_THE_SCHOOL) else _without("honour", text, AWARDED_BY)


def _without(kind: str, text: str, around: re.Pattern[str]) -> str | Fault:
    """Return the meaning of a word, with or without what often stands around it."""
    found = choice(kind, text)
    inner = choice(kind, around.sub("", tidy(text))) if isinstance(found, Fault) else found
    return inner if isinstance(inner, str) else found


@lru_cache(CACHED)
def grade(text: str) -> float | None:
    """Return the number that a grade such as 优 or B stands for."""
    return next((float(value) for value, texts in words()["grades"].items() if plain(text) in texts), None)


@lru_cache(CACHED)
def level_in(text: str) -> str | None:
    """Return the level that the name of a school tells; a kindergarten may be named after its school."""
    half = tidy(text).casefold().replace("中小学", "")
    found = [level for level, parts in TELLING.items() if any(part in half for part in parts)]
    return found[0] if len(found) == 1 or "kindergarten" in found else None
