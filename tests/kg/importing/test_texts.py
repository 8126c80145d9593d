"""PubMed, MedQuAD and folders of documents become descriptions."""

from pathlib import Path

import pytest

from kg.importing import Format, NotThisFormat
from tests.kg.importing.reading import SMALL, Read


def pdf(*pages: str) -> bytes:
    """A PDF with one line of text a page; an empty string makes a page without text."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
        resources = f"<< /Font << /F1 {font} >> >>"
        kids.append(f"{len(objects) + 1} 0 R")
        page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R"
        objects.append(f"<< {page} /Resources {resources} >>")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, places = "%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def test_pubmed_abstracts_with_year_and_labelled_parts() -> None:
    read = Read(Format.PUBMED, SMALL / "pubmed.xml")
    assert [(d.title, d.text, d.reference, d.year, d.kind) for d in read.descriptions] == [
        (
            "Toy fever in dolls",
            "Background: Dolls get hot.\n\nResults: They cool < 1 hour.",
            "PMID:90000001",
            2021,
            "abstract",
        ),
        ("Wood", "Wood burns.", "PMID:90000003", 1998, "abstract"),
    ]
    assert read.counts == {"no text": 1, "retracted publication": 1}


def test_xml_that_breaks_off_is_reported_and_what_came_before_is_kept(tmp_path: Path) -> None:
    text = (SMALL / "pubmed.xml").read_text()
    (tmp_path / "cut.xml").write_text(text[: text.index("Wood burns")])
    read = Read(Format.PUBMED, tmp_path / "cut.xml")
    assert [description.reference for description in read.descriptions] == ["PMID:90000001"]
    assert read.counts == {"malformed row": 1, "no text": 1}


def test_medquad_answers() -> None:
    read = Read(Format.MEDQUAD, SMALL / "medquad")
    (answer,) = read.descriptions
    assert (answer.title, answer.kind, answer.concept) == ("What is toy fever ?", "answer", None)
    assert answer.text == "Heat of a toy.\nIt passes:\n- when cooled.\n- by night."
    assert answer.reference == "https://example.org/toy-fever#0000001-1"
    assert read.counts == {"no text": 1}


def test_one_odd_file_in_a_folder_is_reported_but_only_odd_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.xml").write_text("<letter/>")
    with pytest.raises(NotThisFormat, match="letter"):
        Read(Format.MEDQUAD, tmp_path)
    (tmp_path / "good.xml").write_bytes((SMALL / "medquad" / "0000001.xml").read_bytes())
    read = Read(Format.MEDQUAD, tmp_path)
    assert len(read.descriptions) == 1
    assert read.counts == {"malformed row": 1, "no text": 1}


def test_markdown_sections_carry_their_headings() -> None:
    found = {
        d.reference: (d.title, d.text)
        for d in Read(Format.DOCUMENTS, SMALL / "documents").descriptions
        if d.reference.startswith("guide.md")
    }
    assert found == {
        "guide.md": ("Toy guideline", "Opening words."),
        "guide.md#treatment": ("Toy guideline > Treatment", "Give toycillin to every doll."),
        "guide.md#dosage": (
            "Toy guideline > Treatment > Dosage",
            "5 mg for dolls\n10 mg for bears\ntoy | dose\ntrain | 20 mg",
        ),
        "guide.md#dosage-1": ("Toy guideline > Treatment > Dosage", "Again."),
    }


def test_html_without_menus_and_scripts_keeps_table_rows_together() -> None:
    found = {
        d.reference: (d.title, d.text)
        for d in Read(Format.DOCUMENTS, SMALL / "documents").descriptions
        if d.reference.startswith("sub/")
    }
    assert found == {
        "sub/page.html#fever": (
            "Toy clinic > Fever",
            "Dolls get hot.\nThey cool by night.\nAnd by day.\nAlways.\ntoy | dose\ntrain | 20 mg",
        ),
        "sub/page.html#signs": ("Toy clinic > Fever > Signs", "red face\ndry eyes"),
    }


def test_pdf_pages(tmp_path: Path) -> None:
    (tmp_path / "leaflet.pdf").write_bytes(pdf("Take with water", "", "Not with milk"))
    read = Read(Format.DOCUMENTS, tmp_path)
    assert [(d.title, d.text, d.reference) for d in read.descriptions] == [
        ("leaflet > page 1", "Take with water", "leaflet.pdf#p1"),
        ("leaflet > page 3", "Not with milk", "leaflet.pdf#p3"),
    ]
    assert read.counts == {}


def test_bad_documents_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf("", ""))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 4)
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "latin.txt").write_bytes("na\xefve".encode("latin-1"))
    (tmp_path / ".hidden.txt").write_text("not for you")
    (tmp_path / "note.txt").write_text("Fine.")
    read = Read(Format.DOCUMENTS, tmp_path)
    assert [description.text for description in read.descriptions] == ["Fine."]
    assert read.counts["no text"] >= 1
    for said in ("scan.pdf: no text", "broken.pdf", "empty.md: the file is empty", "latin.txt line 1: the line is"):
        assert said in read.reasons()


def test_a_declared_encoding_is_tried_where_text_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("naïve".encode("cp1252"))
    (tmp_path / "page.html").write_bytes('<meta charset="iso-8859-1"><p>Ménière</p>'.encode("latin-1"))
    (tmp_path / "marked.txt").write_text("naïf", encoding="utf-16")
    read = Read(Format.DOCUMENTS, tmp_path, encoding="cp1252")
    assert {description.text for description in read.descriptions} == {"naïve", "Ménière", "naïf"}
    assert read.counts == {}


def test_long_plain_text_comes_in_parts_that_lose_nothing(tmp_path: Path) -> None:
    paragraphs = [f"Paragraph {number}." + " word" * 200 for number in range(300)]
    (tmp_path / "book.txt").write_text("\n\n".join(paragraphs))
    parts = Read(Format.DOCUMENTS, tmp_path / "book.txt").descriptions
    assert len(parts) == 4
    assert "\n\n".join(part.text for part in parts).split("\n\n") == paragraphs
    assert parts[0].reference == "book.txt#l1"


def test_a_document_too_large_to_parse_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.importing.documents._LIMIT_BYTES", 10)
    (tmp_path / "long.md").write_text("word " * 10)
    read = Read(Format.DOCUMENTS, tmp_path)
    assert read.descriptions == []
    assert "split it into smaller documents" in read.reasons()
