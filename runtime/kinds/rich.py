"""Text with emphasis, lists and links, kept as HTML that was cleaned on the way in.

What is kept holds a handful of tags, no attributes but the address of a link, and no address but
of the web, of mail and of telephones. It is cleaned once more on its way out, so that whatever
stands in the database is safe to show.
"""

import html
import re
from typing import Final

TAGS: Final = frozenset(
    "p div br b strong i em u s h3 h4 ul ol li blockquote a hr code pre".split()  # noqa: SIM905
)
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
# Text that begins so was written by an editor; anything else is plain, with < for smaller.
_WRITTEN: Final = re.compile(
    r"\s*<(p|h[1-6]|ul|ol|blockquote|pre|div|hr|br|table)[\s/>]", re.IGNORECASE
)
_BREAK: Final = re.compile(
    r"<br\s*/?>|</(?:p|h[1-6]|li|blockquote|pre|div|tr)>|<hr[^>]*>", re.IGNORECASE
)
_SPACE: Final = re.compile(r"[ \t\xa0]+")
_BLANKS: Final = re.compile(r"\n{3,}")


def kept(text: str) -> str:
    """The HTML that is kept of what was written or pasted; "" of what shows nothing."""
    source = text if _WRITTEN.match(text) else paragraphs(text)
    cleaned = clean(source)
    if not plain(cleaned):
        return ""
    # Sent back as it was read, it must be taken for written text again.
    return cleaned if _WRITTEN.match(cleaned) else f"<div>{cleaned}</div>"


def clean(source: str) -> str:
    """Only what may stand there; everything else is gone, with what was in scripts and styles."""
    import nh3  # noqa: PLC0415 - only where somebody writes such text

    return nh3.clean(
        source,
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).strip()


def plain(source: str) -> str:
    """The words alone, a line for each paragraph."""
    import nh3  # noqa: PLC0415

    broken = _BREAK.sub("\n", source)
    words = html.unescape(nh3.clean(broken, tags=set()))
    lines = (_SPACE.sub(" ", line).strip() for line in words.split("\n"))
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def paragraphs(text: str) -> str:
    """Plain text as paragraphs, its line breaks kept."""
    parts = re.split(r"\n\s*\n", text.strip())
    return "".join(
        f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in parts
    )
