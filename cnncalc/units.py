"""How numbers are written: the only code that groups, rounds or scales them.

Everything here takes whole numbers or Fractions and rounds half up, so that no binary
fraction ever decides a digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

MOST_RUNS = 8  # of numbers, in one sentence
BLOCKS = " ▏▎▍▌▋▊▉█"  # a bar's cell, from none to eight eighths


def group(n: int) -> str:
    """Return a whole number with commas between thousands.

    >>> group(62378344)
    '62,378,344'
    """
    return f"{n:,}"


def number(value: int | Fraction, commas: str = ",") -> str:
    """Return an exact number: decimals where up to four of them say it, else a fraction.

    >>> number(Fraction(217, 4)), number(Fraction(55, 3)), number(-2)
    ('54.25', '18 1/3', '-2')
    """
    value = Fraction(value)
    sign, value = "-" * (value < 0), abs(value)
    whole, rest = divmod(value, 1)
    scaled = rest * 10**4
    if scaled.denominator == 1:
        decimals = f"{scaled.numerator:04d}".rstrip("0")
        return f"{sign}{whole:{commas}}{'.' * bool(decimals)}{decimals}"
    return f"{sign}{f'{whole:{commas}} ' * bool(whole)}{rest}"


def rounded(value: int | Fraction, places: int) -> str:
    """Return a number rounded half up to so many decimals, with commas between thousands.

    >>> rounded(Fraction(4198284, 10**6), 2)
    '4.20'
    """
    scaled = abs(Fraction(value)) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    whole, decimals = divmod(units, 10**places)
    sign = "-" * (value < 0 and units > 0)
    return sign + group(whole) + (f".{decimals:0{places}d}" if places else "")


def percent(part: int, whole: int) -> str:
    """Return a share in percent with one decimal; nothing for a share of nothing.

    >>> percent(447897600, 1135256096), percent(0, 5)
    ('39.5', '')
    """
    return rounded(Fraction(100 * part, whole), 1) if part and whole else ""


def change(before: int, after: int) -> str:
    """Return by how much a number changed, in percent with a sign; nothing from 0.

    >>> change(1135256096, 724406816)
    '-36.2 %'
    """
    if not before:
        return ""
    text = rounded(Fraction(100 * (after - before), before), 1)
    return f"{'+' * (after > before)}{text} %"


def bar(part: int, whole: int) -> str:
    """Return a share as a bar: ten cells are 100 %, each in eighths.

    >>> bar(1, 5), bar(13, 100)
    ('██', '█▎')
    """
    if not whole:
        return ""
    full, rest = divmod((160 * part + whole) // (2 * whole), 8)
    return BLOCKS[8] * full + BLOCKS[rest].strip()


def short(n: int) -> str:
    """Return a whole number with one decimal, in the unit that leaves up to three digits.

    >>> short(117440512), short(999), short(999_950)
    ('117.4 M', '999', '1.0 M')
    """
    power = next((power for power in range(4) if 20 * n < 19_999 * 1000**power), 4)
    return f"{rounded(Fraction(n, 1000**power), 1)} {' kMGT'[power]}" if power else group(n)


def brief_count(n: int) -> str:
    """Return a whole number in three digits and a unit; beyond 999 T in more digits.

    >>> brief_count(1135256096), brief_count(62378344), brief_count(999), brief_count(999_950)
    ('1.14 G', '62.4 M', '999', '1.00 M')
    """
    if n < 1000:
        return group(n)
    for power in range(1, 5):
        for places in (2, 1, 0):
            text = rounded(Fraction(n, 1000**power), places)
            if len(text.replace(".", "")) <= 3:
                return f"{text} {' kMGT'[power]}"
    return f"{text} T"


def brief_bytes(n: int) -> str:
    """Return bytes with one decimal, in the unit that leaves up to three digits before it.

    >>> brief_bytes(249513376), brief_bytes(512)
    ('249.5 MB', '512 bytes')
    """
    return plural(n, "byte") if n < 1000 else f"{short(n)}B"


def megabytes(n: int) -> str:
    """Return bytes in MB of 10^6 bytes, with two decimals; in bytes below 10,000.

    >>> megabytes(249513376), megabytes(512)
    ('249.51 MB', '512 bytes')
    """
    return f"{group(n)} bytes" if n < 10_000 else f"{rounded(Fraction(n, 10**6), 2)} MB"


def article(n: int) -> str:
    """Return the number with its article.

    >>> article(11), article(3), article(80)
    ('an 11', 'a 3', 'an 80')
    """
    lead = group(n).split(",")[0]
    return f"{'an' if lead[0] == '8' or lead in ('11', '18') else 'a'} {group(n)}"


def plural(n: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    >>> plural(1, "column"), plural(12, "column")
    ('1 column', '12 columns')
    """
    return f"{group(n)} {one if n == 1 else many or one + 's'}"


def listing(words: list[str], last: str = "and") -> str:
    """Return words as people enumerate them.

    >>> listing(["a", "b", "c"])
    'a, b and c'
    """
    return f" {last} ".join([*filter(None, [", ".join(words[:-1])]), *words[-1:]])


def runs(numbers: Sequence[int]) -> str:
    """Return whole numbers that rise, with runs of them as ranges; of many the first.

    >>> runs((1, 2, 4, 7, 8, 9))
    '1, 2, 4 and 7 to 9'
    """
    found: list[list[int]] = []
    for n in numbers:
        if found and n == found[-1][-1] + 1:
            found[-1].append(n)
        else:
            found.append([n])
    texts: list[str] = []
    for run in found:
        ends = [group(run[0]), group(run[-1])]
        texts += [" to ".join(ends)] if len(run) > 2 else [group(n) for n in run]
    if len(texts) > MOST_RUNS:
        return f"{', '.join(texts[:MOST_RUNS])} …"
    return listing(texts)


def residues(remainders: Sequence[int], modulus: int) -> str:
    """Return residues of a modulus.

    >>> residues((0, 25, 26, 27), 32)
    '0 and 25 to 27 mod 32'
    """
    return f"{runs(remainders)} mod {group(modulus)}"


def power_of_ten(value: float) -> str:
    """Return a small number to one digit: what counts is its power of ten.

    >>> power_of_ten(3.2e-8), power_of_ten(0)
    ('3e-08', '0')
    """
    return f"{value:.0e}" if value else "0"


def odds(share: float) -> str:
    """Return a chance as people count it.

    >>> odds(1.0), odds(0.74), odds(0.113), odds(0.00213)
    ('nearly every case', '3 of 4 cases', '1 of 9 cases', '1 of 460 cases')
    >>> odds(1e-12)
    'fewer than 1 of 1,000,000,000 cases'
    """
    if share >= 0.2:
        n, d = min(((round(share * d), d) for d in (1, 2, 3, 4, 5, 10)), key=_off(share))
        return f"{n} of {d} cases" if n < d else "nearly every case"
    if share < 1e-9:
        return f"fewer than 1 of {group(10**9)} cases"
    cases = round(1 / share)
    place = int(10 ** max(len(str(cases)) - 2, 0))
    return f"1 of {group(cases // place * place)} cases"


def _off(share: float) -> Callable[[tuple[int, int]], float]:
    """Return the function that says how far a fraction is from a share."""
    return lambda part: abs(part[0] / part[1] - share)


def brief(text: str, most: int = 100) -> str:
    """Return text of at most so many characters: its middle gives way.

    >>> brief("64 + 64 + 128 + 128 channels", 20)
    '64 + 64 + …8 channels'
    """
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-most // 2 :]}"
