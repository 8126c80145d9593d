"""Why rows of an import are reported."""

from enum import StrEnum


class Kind(StrEnum):
    """Classes of reasons, as `Rejections` counts them."""

    MALFORMED = "malformed row"
    UNKNOWN_PREFIX = "unknown prefix"
    CYCLE = "cyclic is_a"
    SECOND_LABEL = "duplicate id with another label"
    ENCODING = "wrong encoding"
    EMPTY = "empty file"
    NO_TEXT = "no text"
    LEFT_OUT = "left out"  # relations or files that the format has and the graph has no place for
    NEGATED_MAPPING = "negated mapping"
    RETRACTED = "retracted publication"
