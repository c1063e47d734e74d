"""Signed or secret texts, changed so that they must be refused."""


def with_another(text: str, at: int = 0) -> str:
    """Return the text with the character at this place made another one.

    Take no last character of base64: some of its bits say nothing, so the text may mean the same.
    """
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at:][1:]


def forged(signed: str) -> list[str]:
    """Return what `content.signature` becomes when a character of either is another one."""
    content, dot, signature = signed.rpartition(".")
    assert content, "there is a signature"
    assert signature, "it is not empty"
    return [with_another(content) + dot + signature, content + dot + with_another(signature)]
