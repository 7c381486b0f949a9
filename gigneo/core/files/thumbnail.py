"""Draws a small picture from standard input to standard output, under limits: ``python -m gigneo.core.files.thumbnail PNG``.

A program of its own, so that a picture that is a trap costs this process and no other.
"""

import io
import resource
import sys
from typing import Final

EDGE: Final = 320
MEMORY_BYTES: Final = 768 * 1024 * 1024
CPU_SECONDS: Final = 20
QUALITY: Final = 78


def main() -> int:
    """Draw, and return the exit code."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))
    from PIL import Image, ImageOps

    from gigneo.core.files.types import PIXELS

    with Image.open(sys.stdin.buffer, formats=[sys.argv[1]]) as picture:
        if picture.width * picture.height > PIXELS:
            return 1
        picture.draft("RGB", (2 * EDGE, 2 * EDGE))  # a JPEG is decoded no larger than needed
        picture.thumbnail((EDGE, EDGE), reducing_gap=2.0)
        upright = ImageOps.exif_transpose(picture)
        pixels = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    small = io.BytesIO()
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    clean.save(small, "WEBP", quality=QUALITY, method=4)
    sys.stdout.buffer.write(small.getvalue())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
