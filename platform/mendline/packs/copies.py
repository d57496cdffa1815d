"""A pack's copy for one outsider: marked with for whom and when, and known again by its fingerprint in the ledger."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

from mendline.evidence.files.watermark import marked


@dataclass(frozen=True, slots=True)
class PackCopy:
    """A copy, and the words that stand across its pages."""

    content: bytes
    mark: str

    @property
    def told(self) -> Mapping[str, str]:
        """What the ledger keeps of it, by which `mendline verify` knows it again."""
        return {"sha256": hashlib.sha256(self.content).hexdigest(), "mark": self.mark}

    def answer(self, reference: str) -> Response:
        """The copy as a download."""
        response = Response(self.content, mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{reference}.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response


def copy_of(pack: bytes, mark: str) -> PackCopy:
    """A copy of a finished pack.

    Args:
        pack: the PDF as it was made.
        mark: for whom and when.

    Raises:
        UnavailableError: the PDF cannot be read.
    """
    return PackCopy(marked(pack, mark), mark)
