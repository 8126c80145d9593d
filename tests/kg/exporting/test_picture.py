"""The picture is legal SVG, shows what it is asked to, and says what it leaves out."""

from itertools import combinations
from xml.etree import ElementTree

import pytest

from kg import Category, Fact, Predicate
from kg.exporting import svg
from kg.exporting.layout import place
from kg.exporting.picture import COLOURS
from tests.kg.exporting.made import concept, extract, fact

SVG = "{http://www.w3.org/2000/svg}"
CENTRE = "MONDO:0000000"


def star(leaves: int) -> str:
    around = [
        concept(f"HP:{number:07}", f"sign number {number}", Category.PHENOTYPE) for number in range(1, leaves + 1)
    ]
    facts = [fact(CENTRE, Predicate.HAS_PHENOTYPE, leaf.curie, negated=leaf.curie.endswith("1")) for leaf in around]
    return svg(extract([concept(CENTRE, "the <centre> & more"), *around], facts, CENTRE))


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_concepts_links_denials_and_legend() -> None:
    picture = star(3)
    assert {
        "the <centre> & more",
        "sign number 1",
        "has phenotype",
        "not: has phenotype",
        "disease",
        "phenotype",
    } <= set(texts(picture))
    lines = list(ElementTree.fromstring(picture).iter(f"{SVG}line"))
    assert sum("stroke-dasharray" in line.attrib for line in lines) == 2  # one denial, and its mark in the legend


def test_the_same_picture_each_time() -> None:
    assert star(20) == star(20)


def test_more_than_sixty_concepts_are_cut_and_told() -> None:
    picture = star(80)
    assert len(list(ElementTree.fromstring(picture).iter(f"{SVG}g"))) == 60
    assert "21 more concepts are left out; the best linked ones are shown" in texts(picture)
    assert "the <centre> & more" in texts(picture)


def test_words_on_many_lines_move_to_the_legend() -> None:
    assert "lines: has phenotype, not: has phenotype; point at one to read it" in texts(star(40))


def test_nothing_at_all_is_a_picture_too() -> None:
    assert texts(svg(extract([], []))) == []
    assert texts(svg(extract([concept(CENTRE, "alone")], [], CENTRE))) == ["alone", "disease"]


@pytest.mark.parametrize("leaves", [1, 2, 25, 59])
def test_boxes_never_overlap(leaves: int) -> None:
    sizes = {f"HP:{number}": (60.0 + 7 * (number % 12), 30.0) for number in range(leaves + 1)}
    boxes = place(sizes, [("HP:0", curie) for curie in sizes], "HP:0")
    for one, other in combinations(boxes.values(), 2):
        apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2
        apart_y = abs(one.y - other.y) >= (one.height + other.height) / 2
        assert apart_x or apart_y


def test_parts_without_a_link_between_them() -> None:
    facts: list[Fact] = [fact("HP:1", Predicate.SUBCLASS_OF, "HP:2"), fact("HP:3", Predicate.SUBCLASS_OF, "HP:4")]
    picture = svg(extract([concept(f"HP:{n}", f"n{n}") for n in (1, 2, 3, 4)], facts))
    assert {"n1", "n2", "n3", "n4"} <= set(texts(picture))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_black_text_is_readable_on_every_colour() -> None:
    ink = _luminance("#1b1b1b") + 0.05
    assert all((_luminance(colour) + 0.05) / ink > 7 for colour in COLOURS.values())
