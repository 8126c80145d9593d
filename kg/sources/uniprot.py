"""Disease descriptions of UniProt (CC BY 4.0), from the ``protein_diseases.xml`` table."""

from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from ..concept import Description
from ..errors import MalformedSource
from ..record import Record

SOURCE = "uniprot"


def read_uniprot(file: IO[bytes], release: str) -> Iterator[Record]:
    """A description of each disease that has an OMIM number; the others have nothing to attach it to.

    Raises:
        MalformedSource: the file is not well-formed XML.
    """
    try:
        for _, element in ElementTree.iterparse(file):
            if element.tag == "record":
                fields = {item.get("name"): item.text or "" for item in element}
                omim, text = fields.get("mim_reference", ""), fields.get("description", "")
                if omim.startswith("MIM:") and text:
                    yield Description(
                        "O" + omim,
                        fields["disease_name"],
                        text.strip(),
                        "disease description",
                        SOURCE,
                        release,
                        f"UniProt:{fields['name']}",
                    )
                element.clear()
    except ElementTree.ParseError as error:
        raise MalformedSource(SOURCE, "its XML", str(error)) from error
