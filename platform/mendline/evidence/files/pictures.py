"""Photographs and pictures: measured before they are unpacked, and drawn anew, so that nothing hidden comes along."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from mendline.evidence.files.verdict import RefusedFileError

MOST_PIXELS = 40_000_000  # a phone's camera takes 12 to 48 million; 40 million are 120 MB unpacked
_FORMATS = {"jpeg": "JPEG", "png": "PNG"}


def draw_anew(path: Path, kind: str, into: Path) -> None:
    """Writes the picture without its hidden data (place, camera, previews, trailing bytes), upright.

    Args:
        path: the picture as it came.
        kind: `jpeg` or `png`.
        into: where the clean one goes.

    Raises:
        RefusedFileError: it is no such picture, is damaged, or is too large to unpack.
    """
    wanted = _FORMATS[kind]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=[wanted]) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise RefusedFileError(
                        f"The picture is {picture.width:,} by {picture.height:,} dots, which is too many. Send it smaller."
                    )
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                mode = "RGB" if wanted == "JPEG" or upright.mode not in ("L", "RGBA", "RGB") else upright.mode
                clean = upright.convert(mode)
        clean.info.clear()
        clean.save(into, format=wanted, **({"quality": 90} if wanted == "JPEG" else {}))
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ) as broken:
        raise RefusedFileError("The picture is damaged: it cannot be opened.") from broken
