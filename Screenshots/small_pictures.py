"""Make the documentation's pictures as small as they stay legible: ``python Screenshots/small_pictures.py``.

Panels and pages become PNG files of 256 colors, views of scans and films JPEG files; each has at most `LIMIT` bytes. A
picture that was a JPEG file stays one, so that links to it hold. Every clone of the extension carries these files.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
LIMIT = 150_000
QUALITIES = (88, 82, 76, 70)


def as_png(picture: Image.Image) -> bytes:
    """256 colors, without dithering: text and lines stay sharp."""
    stream = io.BytesIO()
    picture.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def as_jpeg(picture: Image.Image) -> bytes:
    """The best of `QUALITIES` that is within the limit, colors in full resolution for thin lines.

    Raises:
        ValueError: none is; the picture has too many pixels.
    """
    for quality in QUALITIES:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality, subsampling=0, optimize=True, progressive=True)
        if stream.tell() <= LIMIT:
            return stream.getvalue()
    raise ValueError(f"{picture.size[0]} x {picture.size[1]} pixels do not fit {LIMIT} bytes; make the picture smaller")


def make_small(path: Path) -> Path:
    """Replaces a PNG file by its smaller form; returns that form's path.

    Raises:
        ValueError: as `as_jpeg`.
    """
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    palette, photograph = as_png(picture), path.with_suffix(".jpg")
    if not photograph.exists() and len(palette) <= LIMIT:
        jpeg = as_jpeg(picture)
        if len(palette) <= 2 * len(jpeg):
            path.write_bytes(palette)
            return path
    photograph.write_bytes(as_jpeg(picture))
    path.unlink()
    return photograph


if __name__ == "__main__":
    for found in sorted(HERE.glob("*.png")):
        small = make_small(found)
        print(f"{small.name}: {small.stat().st_size // 1000} kB")
