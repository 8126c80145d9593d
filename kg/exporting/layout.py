"""Where the boxes of a picture stand: near what they are linked to, and never over one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..concept import Curie

_GAP = 16.0  # between boxes
_ROUNDS = 400
_SPREAD = 1.15  # how much more room than its boxes a picture takes at first


@dataclass(slots=True)
class Box:
    """A box by its middle and size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    def border_towards(self, x: float, y: float) -> tuple[float, float]:
        """Where the line from the middle to a point leaves the box."""
        dx, dy = x - self.x, y - self.y
        if dx == dy == 0.0:
            return self.x, self.y
        reach = min(
            (self.width / 2) / abs(dx) if dx else float("inf"), (self.height / 2) / abs(dy) if dy else float("inf")
        )
        return self.x + dx * min(1.0, reach), self.y + dy * min(1.0, reach)


def place(
    sizes: Mapping[Curie, tuple[float, float]],
    links: Sequence[tuple[Curie, Curie]],
    centre: Curie | None,
    words: float = 0.0,
) -> dict[Curie, Box]:
    """A box for each concept, none over another, around the centre; the same ones for the same input.

    ``words`` is how many pixels the words on a line need. Those that come one after the other in ``sizes`` stand beside
    one another where their links allow it.
    """
    import networkx as nx

    if not sizes:
        return {}
    graph: nx.Graph[Curie] = nx.Graph()
    graph.add_nodes_from(sorted(sizes))
    graph.add_edges_from(sorted((one, other) for one, other in links if one != other))
    parts = list(nx.connected_components(graph))
    for part in parts[1:]:  # keeps unlinked parts near without drawing anything
        graph.add_edge(min(parts[0]), min(part))
    around: nx.Graph[Curie] = nx.Graph()
    around.add_nodes_from(node for node in sizes if node != centre)
    start = nx.circular_layout(around) | {node: (0.0, 0.0) for node in sizes if node == centre}
    positions = nx.kamada_kawai_layout(graph, pos=start) if len(graph) > 2 else start
    shift = positions[centre] if centre is not None and centre in positions else (0.0, 0.0)
    across, down = _extent(sizes, words)
    boxes = {
        node: Box((float(x) - float(shift[0])) * across, (float(y) - float(shift[1])) * down, *sizes[node])
        for node, (x, y) in positions.items()
    }
    _part(list(boxes.values()))
    return boxes


def _extent(sizes: Mapping[Curie, tuple[float, float]], words: float) -> tuple[float, float]:
    """Half the width and height of a picture that has room for boxes of these sizes and for words on lines."""
    columns = max(1.0, len(sizes) ** 0.5)
    width = max(width for width, _ in sizes.values()) + _GAP + words
    height = max(height for _, height in sizes.values()) + 2 * _GAP
    return columns * width * _SPREAD / 2, columns * height * _SPREAD


def _part(boxes: list[Box]) -> None:
    """Push boxes that overlap apart, each pair along the shorter way, until none do."""
    for _ in range(_ROUNDS):
        moved = False
        for place, one in enumerate(boxes):
            for other in boxes[place + 1 :]:
                over_x = (one.width + other.width) / 2 + _GAP - abs(one.x - other.x)
                over_y = (one.height + other.height) / 2 + _GAP - abs(one.y - other.y)
                if over_x > 0.01 and over_y > 0.01:
                    moved = True
                    _push(one, other, over_x, over_y)
        if not moved:
            return


def _push(one: Box, other: Box, over_x: float, over_y: float) -> None:
    if over_x < over_y:
        step = over_x / 2 if one.x <= other.x else -over_x / 2
        one.x -= step
        other.x += step
    else:
        step = over_y / 2 if one.y <= other.y else -over_y / 2
        one.y -= step
        other.y += step
