"""Provinces, cities and districts of China: codes, names, and reading what people write."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

LEVELS: Final = ("province", "city", "district")
_FILE: Final = Path(__file__).with_name("regions.txt")
# Rows of the list that stand for no place of their own; people leave them out.
_FILLERS: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_ENDINGS: Final = (
    "壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "自治州", "自治县",
    "地区", "新区", "省", "市", "区", "县", "盟", "旗",
)  # fmt: skip


@cache
def names() -> Mapping[str, str]:
    """The name of every division by its code."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        code, _, name = line.partition(" ")
        if code.isdigit():
            found[code] = name
    return found


@cache
def below() -> Mapping[str, tuple[str, ...]]:
    """The codes right below each code; below "" stand the provinces."""
    found: dict[str, list[str]] = {}
    for code in names():
        found.setdefault(code[:-2], []).append(code)
    return {code: tuple(codes) for code, codes in found.items()}


def is_region(code: str, level: str = LEVELS[-1]) -> bool:
    """Say whether a code is as exact as a level asks, or as exact as there is."""
    if code not in names():
        return False
    depth = 2 * (LEVELS.index(level) + 1)
    return len(code) == depth or (len(code) < depth and not below().get(code))


def path(code: str) -> str:
    """The names from the province down, those that stand for no place left out."""
    return " ".join(name for name in _names(code) if name not in _FILLERS)


def find(text: str) -> str | None:
    """The code of what people write, `浙江省杭州市西湖区`, `浙江 杭州`; None of anything else."""
    code, rest = begins(text)
    return code if not rest else None


def begins(text: str) -> tuple[str | None, str]:
    """The most exact division a text begins with, and what is left of the text after it."""
    source = text.strip()
    if source in names():
        return source, ""
    best: tuple[str | None, str] = (None, source)
    for start in ("", *below()[""]):
        found = _descend(start, source)
        if found[0] != start and len(found[1]) < len(best[1]):
            best = found
    return best


def _descend(start: str, text: str) -> tuple[str, str]:
    """Follow a text down from a division, as far as its words are names below it."""
    code, rest = start, text
    while True:
        step = max(_steps(code, rest), key=lambda found: found[1], default=None)
        if step is None:
            return code, rest.lstrip(" 　/／-－,，·>")
        code, length = step
        rest = rest.lstrip(" 　/／-－,，·>")[length:]


def _steps(code: str, text: str) -> Iterator[tuple[str, int]]:
    """The divisions below that a text begins with, each with the length of its name there."""
    source = text.lstrip(" 　/／-－,，·>")
    for each in below().get(code, ()):
        name = names()[each]
        if name in _FILLERS:
            # Nobody writes it: what stands below it counts as standing here.
            yield from _steps(each, text)
            continue
        for spelled in (name, _short(name)):
            if source.startswith(spelled):
                yield each, len(spelled)
                break


def _short(name: str) -> str:
    ending = next((end for end in _ENDINGS if name.endswith(end)), "")
    short = name.removesuffix(ending)
    return short if len(short) > 1 else name


def _names(code: str) -> Iterator[str]:
    for length in range(2, len(code) + 1, 2):
        yield names().get(code[:length], code[:length])
