"""Names compared by their letters: what two names must share to be taken as one."""

import re
import unicodedata

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


def name_key(text: str) -> str:
    """The name in lower case without accents, possessive endings and punctuation; equal keys are equal names.

    >>> name_key("Crohn's disease, Ménière-type")
    'crohn disease meniere type'
    """
    plain = text.lower().replace("œ", "oe").replace("’s", "").replace("'s", "")
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _NOT_ALPHANUMERIC.sub(" ", plain).strip()


def slug_of(text: str) -> str:
    """The key of a name with hyphens, fit for the local part of a CURIE; empty if nothing of it is left."""
    return name_key(text).replace(" ", "-")[:80].rstrip("-")
