"""Relevance of evidence by what it is, and how much one sentence lists."""

ASKED_PAIR, ASKED_TOPIC, BACKGROUND = 1.0, 0.9, 0.5
"""Asked for by name; asked for by topic; shown when nothing special is asked."""

LISTED = 12
"""Names in one sentence; the rest is counted."""

KINDS_LISTED = 8
GROUP_SIZE = 6
