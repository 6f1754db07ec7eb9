"""Pictures as bytes: what comes in is decoded and encoded again, never kept as it was."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from tierslieu.kernel.errors import Invalid
from tierslieu.kernel.messages import msg
from tierslieu.venues.models import Photo

SIZES: Final = (480, 960, 1600)
FORMATS: Final = {"webp": ("WEBP", "image/webp"), "jpg": ("JPEG", "image/jpeg")}
MOST_BYTES: Final = 12 * 1024 * 1024
MOST_PIXELS: Final = 60_000_000
LEAST_SIDE: Final = 120


@dataclass(frozen=True)
class Encoded:
    """One file of a picture, as it will be served."""

    size: int
    extension: str
    data: bytes


@dataclass(frozen=True)
class Picture:
    """A picture in all its sizes; width and height are those of the largest."""

    width: int
    height: int
    files: tuple[Encoded, ...]


@dataclass(frozen=True)
class KeptPicture:
    """A picture that is kept: its name in addresses, and the size of its largest file."""

    public_id: str
    width: int
    height: int

    @property
    def url(self) -> str:
        """Where its middle size is read."""
        return address(self, 960, "jpg")

    @property
    def srcset(self) -> str:
        """Its sizes, for a page that lets the browser choose."""
        widths = sorted({min(size, self.width): size for size in SIZES}.items())
        return ", ".join(f"{address(self, size, 'webp')} {width}w" for width, size in widths)


def encode(data: bytes) -> Picture:
    """Decode a photograph and encode it in our sizes, without anything it said about itself.

    Raises Invalid: ``too_large``, ``not_a_picture``, ``too_small``, ``too_many_pixels``.
    """
    if len(data) > MOST_BYTES:
        raise Invalid("too_large", msg("At most 12 megabytes, please."), "photo")
    image = _decoded(data)
    if min(image.size) < LEAST_SIDE:
        text = msg("At least %(n)s pixels on each side, please.", n=LEAST_SIDE)
        raise Invalid("too_small", text, "photo")
    image.thumbnail((SIZES[-1], SIZES[-1] * 2), Image.Resampling.LANCZOS)
    return Picture(image.width, image.height, tuple(_files(image)))


def _decoded(data: bytes) -> Image.Image:
    # Only these decoders are tried, so what claims to be something else is not even looked at.
    kinds = ("JPEG", "PNG", "WEBP")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.open(io.BytesIO(data), formats=kinds).verify()
            image = Image.open(io.BytesIO(data), formats=kinds)
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            image.draft("RGB", (SIZES[-1], SIZES[-1]))
            upright = ImageOps.exif_transpose(image)
            return _flat(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        text = msg("This picture has too many pixels.")
        raise Invalid("too_many_pixels", text, "photo") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        text = msg("This is not a picture we can read. Send a JPEG, PNG or WebP file.")
        raise Invalid("not_a_picture", text, "photo") from None


def _flat(image: Image.Image) -> Image.Image:
    """In red, green and blue, on white where it was transparent, and with nothing else in it."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        flat = Image.new("RGB", seen.size, "white")
        flat.paste(seen, mask=seen.getchannel("A"))
        return flat
    flat = Image.new("RGB", image.size)
    flat.paste(image.convert("RGB"))
    return flat


def _files(image: Image.Image) -> Iterator[Encoded]:
    for size in SIZES:
        small = image
        if image.width > size:
            height = max(1, round(image.height * size / image.width))
            small = image.resize((size, height), Image.Resampling.LANCZOS)
        for extension, (kind, _) in FORMATS.items():
            out = io.BytesIO()
            small.save(out, kind, quality=80, **({"method": 4} if kind == "WEBP" else {}))
            yield Encoded(size, extension, out.getvalue())


def path_of(uploads: Path, public_id: str, size: int, extension: str) -> Path:
    """Where a file of a photo is kept."""
    return uploads / "photos" / public_id[:2] / f"{public_id}-{size}.{extension}"


def sources(photo: Photo) -> dict[str, Any]:
    """What a page needs to show a photo: ``url`` (JPEG), ``srcset`` (WebP), ``alt``, its size."""
    widths = sorted({min(size, photo.width): size for size in SIZES}.items())
    shown = [f"{address(photo, size, 'webp')} {width}w" for width, size in widths]
    return {
        "id": photo.public_id,
        "url": address(photo, 960, "jpg"),
        "srcset": ", ".join(shown),
        "alt": photo.alt,
        "width": photo.width,
        "height": photo.height,
    }


def address(photo: Photo | KeptPicture, size: int, extension: str) -> str:
    """Where a file of a photo is read."""
    return f"/photos/{photo.public_id}-{size}.{extension}"
