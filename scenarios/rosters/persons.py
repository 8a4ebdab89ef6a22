"""Take people's own numbers out of tables as they are read: identity cards, phones, bank cards and the like.

Behind the reader each stands as a mark. Fields that are kept turn it into a code, the same for the same person in all
tables of an import; messages show it as ``****``. Codes run in the order of rows, for a hash of eighteen digits is soon
tried out; nor does chance, which is keyed by ids, hang on anybody's number.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import count

MOST_SHORT = 10
"""Letters of the longest text that cannot hold such a number."""
HIDDEN = "****"
OPEN, CLOSE, OTHER = "\ue000", "\ue001", "\ue002"
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
CODE, FIRST_LETTERS = re.compile(r"T\d{4,}", re.I), tuple(" \u3000TtＴｔ")
GAP = r"[\s\-‐-―_\u00ad\u200b-\u200f\u2060\ufeff]{0,3}"
BEFORE, WHOLE = r"(?<!\d)", r"(?:\.0+)?(?!\d)"
UNBROKEN = rf"{BEFORE}(?<!\d\.)"
"""Where digits begin that are no decimals of a number such as 119.251234567890123."""
NUMBERS = re.compile(
    "|".join(
        (
            # Six digits of a region, a date of birth, three digits and a check digit, however they are set apart.
            rf"(?P<identity>{BEFORE}(?!19|20)\d(?:{GAP}\d){{5}}{GAP}(?:1{GAP}[89]|2{GAP}0)(?:{GAP}\d){{2}}"
            rf"{GAP}[01](?:{GAP}\d){{6}}{GAP}[\dXxХх×]{WHOLE})",
            rf"(?P<old>{UNBROKEN}(?!19|20)\d{{6}}{GAP}\d\d(?:0[1-9]|1[0-2])\d\d{GAP}\d{{3}}{WHOLE})",
            rf"(?P<card>{UNBROKEN}62\d\d(?:{GAP}\d{{4}}){{3}}(?:{GAP}\d{{1,3}})?{WHOLE})",
            rf"(?P<grouped>{BEFORE}\d{{1,3}}(?:,\d{{3}}){{4,}}{WHOLE})",
            # Those of a wrong length are mistyped; 教民 stands before the licence of a private school.
            rf"(?P<long>{UNBROKEN}(?<!教民)(?:\d{{17}}[XxХх×]|\d{{15,}}){WHOLE})",
            # Behind the code of a school -T001 numbers its teachers.
            rf"(?P<phone>{UNBROKEN}(?:(?:\+|00)?86{GAP})?1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}{WHOLE}(?!-T\d{{3}}))",
        )
    )
)
SHORTENED = re.compile(r"(\d\.\d)\d{6,}(e\+?1[4-9])(?!\d)", re.I)
"""A long number as a spreadsheet shortens it; of fewer digits it tells no more than a county."""
ORGANISATION = re.compile(r"(?:1[1239]|5[1239]|9[123])\d{16}")
"""The unified code of an organisation (GB 32100), where all of it is digits."""
BORN = re.compile(r"\d{6,7}(?:19|20)\d\d(?:0[1-9]|1[0-2])\d{6,7}")
OWN_HEADERS = re.compile(r"身份证|证件号|公民身份|护照|identity|\bid\s*(?:card|number)|passport|citizen", re.I)
LENGTH, OF_A_SCHOOL = 18, 19
"""Digits of an identity card; of the longest code that a school may have."""
CENTURY = slice(6, 8)
CHECK_DIGITS, CHECK_LETTERS = "10X98765432", "XxХх×"


class Persons:
    """The numbers of one import: which mark stands for which, and the codes of those that are kept."""

    def __init__(self) -> None:
        self._marks: dict[str, int] = {}
        self._phones: set[int] = set()
        self._lone_phones: dict[int, str] = {}
        self._codes: dict[str, str] = {}
        self._given: set[str] = set()
        self._taken: set[str] = set()
        self._running = count(1)

    def hidden(self, cell: str) -> str:
        """Return a cell with marks for numbers; what looks like a code is remembered, so that none is given twice."""
        if OPEN in cell or CLOSE in cell:
            cell = cell.replace(OPEN, OTHER).replace(CLOSE, OTHER)
        if len(cell) > MOST_SHORT:
            return _replaced(cell, self._mark)
        if cell[:1] in FIRST_LETTERS and CODE.fullmatch(half := unicodedata.normalize("NFKC", cell).strip()):
            self._taken.add(half.upper())
        return cell

    def _mark(self, found: re.Match[str]) -> str:
        mark = self._marks.setdefault(_canonical(found[0]), len(self._marks))
        if found.lastgroup == "phone":
            self._phones.add(mark)
            self._lone_phones |= {mark: found[0]} if found[0] == found.string.strip() else {}
        return f"{OPEN}{mark}{CLOSE}"

    def coded(self, cell: str, of_school: bool = False) -> str:
        """Return a cell with codes for marks; eleven digits stay where a school may have them for its own code."""
        if OPEN not in cell:
            return cell
        alone = MARK.fullmatch(cell)
        if of_school and alone and int(alone[1]) in self._lone_phones:
            return self._lone_phones[int(alone[1])]
        return MARK.sub(lambda mark: self.code(mark[0]), cell)

    def code(self, of: str) -> str:
        """Return the code of a mark, or of a paper of another form, such as a passport; the next if it has none."""
        if of not in self._codes:
            codes = (f"T{number:04d}" for number in self._running)
            self._codes[of] = next(code for code in codes if code not in self._taken)
            self._given.add(self._codes[of])
        return self._codes[of]

    def code_for(self, cell: str) -> str:
        """Return the code for what a cell of people's papers holds: of the number in it, else of all of it."""
        found = MARK.search(cell)
        return self.code(found[0] if found else unicodedata.normalize("NFKC", cell).casefold())

    def holds_number(self, cell: str, phones: bool) -> bool:
        """Whether a cell holds somebody's number; phones count if asked."""
        return OPEN in cell and any(phones or int(mark) not in self._phones for mark in MARK.findall(cell))

    def has_given(self, code: str) -> bool:
        """Whether an id is a code of this import."""
        return code in self._given


def is_own_number(header: str) -> bool:
    """Whether a header names numbers of people's papers, of whatever form they are."""
    return bool(OWN_HEADERS.search(unicodedata.normalize("NFKC", header)))


def is_shortened(text: str) -> bool:
    """Whether a text is a number as long as those of people, of which a spreadsheet has dropped digits."""
    return bool(re.fullmatch(r"\d(?:\.\d+)?e\+?1[4-9]", unicodedata.normalize("NFKC", text).strip(), re.I))


@lru_cache(1 << 12)
def masked(text: str) -> str:
    """Return a text as messages may show it, without people's numbers."""
    return MARK.sub(HIDDEN, _replaced(text, lambda _: HIDDEN))


def _replaced(text: str, by: Callable[[re.Match[str]], str]) -> str:
    """Return a text with people's numbers replaced, and long ones that lost digits cut; without any, as it was."""
    half = unicodedata.normalize("NFKC", text)
    found = NUMBERS.sub(lambda match: by(match) if _is_persons(match) else match[0], SHORTENED.sub(r"\1\2", half))
    return text if found == half else found


def _is_persons(found: re.Match[str]) -> bool:
    """Whether long digits are a person's, and not the code of an organisation or of a school."""
    digits = found[0]
    if found.lastgroup != "long" and found.lastgroup != "old":
        return True
    if len(digits) == OF_A_SCHOOL:
        return bool(BORN.fullmatch(digits))
    return not (ORGANISATION.fullmatch(digits) and _organisation_check(digits))


def _organisation_check(digits: str) -> bool:
    """Whether the last of 18 digits is the check digit of GB 32100: 31 less the sum of digits · 3^place, modulo 31."""
    total = sum(int(digit) * pow(3, place, 31) for place, digit in enumerate(digits[:-1]))
    return (31 - total) % 31 == int(digits[-1])


def _canonical(number: str) -> str:
    """Return a number as it is compared: no gaps, X for its look-alikes, and the old form of an identity card."""
    plain = re.sub(r"\.0+$", "", number)
    digits = "".join(sign if sign.isdigit() else "X" for sign in plain if sign.isdigit() or sign in CHECK_LETTERS)
    digits = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)", "", digits)
    if len(digits) == LENGTH and digits[CENTURY] == "19" and digits[-1] == _check_digit(digits):
        return digits[: CENTURY.start] + digits[CENTURY.stop : -1]
    return digits


def _check_digit(digits: str) -> str:
    """Return the check digit of an identity card (GB 11643): weights 2^(17 − place) modulo 11."""
    if not digits[:-1].isdigit():
        return ""
    return CHECK_DIGITS[sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits[:-1])) % 11]
