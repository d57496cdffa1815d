"""Reads the words of a PDF page, so that tests need no other program."""

import re

import pikepdf


def words_of(page: pikepdf.Page) -> str:
    """The text of a page in drawing order, one line per text operator."""
    tables = {name: _letters(font) for name, font in page.obj.Resources.Font.items()}
    said, letters = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = tables[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            parts = operands[0] if str(operator) == "TJ" else [operands[0]]
            codes = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            said.append("".join(letters.get(codes[at : at + 2], "?") for at in range(0, len(codes), 2)))
    return "\n".join(said)


def _letters(font: pikepdf.Object) -> dict[bytes, str]:
    """Glyph code to text, from the font's own table."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    found = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", table.split("endcodespacerange")[-1])
    return {bytes.fromhex(code): bytes.fromhex(text).decode("utf-16-be") for code, text in found}
