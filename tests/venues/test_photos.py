"""Photos: decoded and encoded again, whatever somebody sends."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from tierslieu.kernel.errors import Forbidden, Invalid
from tierslieu.kernel.texts import Texts
from tierslieu.venues.photos.pictures import MOST_BYTES, encode, path_of
from tierslieu.venues.photos.queries import photos_of
from tierslieu.venues.photos.services import add_photo, describe_photo, remove_photo

ALBUM = "/manage/orologio/settings/photos"


def picture(kind: str = "JPEG", size: tuple[int, int] = (2000, 1000), **more: Any) -> bytes:
    out = io.BytesIO()
    mode = more.pop("mode", "RGB")
    Image.new(mode, size, more.pop("colour", "green")).save(out, kind, **more)
    return out.getvalue()


def with_place() -> bytes:
    """A photograph that tells where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x0110] = "SecretPhone 9"
    exif[0x0112] = 6
    gps = exif.get_ifd(0x8825)
    gps[2] = tuple(TiffImagePlugin.IFDRational(value) for value in (44, 41, 42))
    return picture(exif=exif, comment=b"shot at home")


def bomb() -> bytes:
    """A few kilobytes that say they are 900 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 30000)
    png = b"\x89PNG\r\n\x1a\n"
    return png + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


ATTACKS = {
    "an SVG with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "not_a"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "not_a"),
    "nothing": (b"", "not_a"),
    "a JPEG that stops": (picture()[:400], "not_a"),
    "a GIF": (picture("GIF"), "not_a"),
    "a PDF": (b"%PDF-1.7\n", "not_a"),
    "a page behind the head of a JPEG": (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "not_a"),
    "a bomb": (bomb(), "too_many_pixels"),
    "a dot": (picture(size=(1, 1)), "too_small"),
    "too much": (b"\0" * (MOST_BYTES + 1), "too_large"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_no_photograph_is_refused(name: str) -> None:
    data, code = ATTACKS[name]
    with pytest.raises(Invalid) as refused:
        encode(data)
    assert refused.value.code.startswith(code)
    assert refused.value.reasons[0].field == "photo"


def test_three_sizes_of_two_kinds_without_what_the_camera_said() -> None:
    made = encode(with_place())
    assert (made.width, made.height) == (1000, 2000)
    assert sorted((file.size, file.extension) for file in made.files) == [
        (480, "jpg"),
        (480, "webp"),
        (960, "jpg"),
        (960, "webp"),
        (1600, "jpg"),
        (1600, "webp"),
    ]
    for file in made.files:
        image = Image.open(io.BytesIO(file.data))
        assert image.width == min(file.size, 1000)
        assert not dict(image.getexif())
        assert b"SecretPhone" not in file.data
        assert b"shot at home" not in file.data


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1"])
def test_a_transparent_or_grey_picture_lies_on_white(mode: str) -> None:
    made = encode(picture("PNG", (300, 200), mode=mode, colour=0))
    assert (made.width, made.height) == (300, 200)


def test_what_hides_behind_a_picture_is_not_served() -> None:
    made = encode(picture() + b"<script>alert(1)</script>")
    assert all(b"<script>" not in file.data for file in made.files)


def test_a_photo_needs_words_and_somebody_who_may(town: Any, actor_of: Any) -> None:
    with town.site.writing() as work, pytest.raises(Invalid) as refused:
        add_photo(work, town.orologio, picture(), Texts())
    assert refused.value.reasons[0].field == "alt"
    stranger = actor_of("gattaglio")
    with pytest.raises(Forbidden), town.site.writing(actor=stranger) as work:
        add_photo(work, town.orologio, picture(), Texts(it="Cortile"))


def test_a_photo_is_kept_described_and_forgotten(town: Any) -> None:
    with town.site.writing() as work:
        photo = add_photo(
            work, town.orologio, picture(), Texts(it="La saletta"), room_id=town.saletta
        )
        describe_photo(work, town.orologio, photo.public_id, Texts(it="Un tavolo"), 3)
    file = path_of(town.site.uploads, photo.public_id, 480, "webp")
    assert file.is_file()
    with town.site.writing() as work:
        kept = photos_of(work.session, town.orologio, town.saletta)
        assert [(row.alt["it"], row.rank) for row in kept] == [("Un tavolo", 3)]
        remove_photo(work, town.orologio, photo.public_id)
        assert file.is_file()
    assert not file.is_file()


def test_a_manager_adds_a_photo_and_everybody_sees_it(browser: Any, town: Any) -> None:
    manager = browser("orologio")
    file = (io.BytesIO(picture()), "../../evil.svg", "image/svg+xml")
    sent = manager.post(ALBUM, photo=file, alt_it="Il cortile", room="")
    assert sent.status_code == 302
    page = browser().get("/venues/orologio").get_data(as_text=True)
    with town.site.reading() as work:
        name = photos_of(work.session, town.orologio)[0].public_id
    assert f"/photos/{name}-960.jpg" in page
    answer = browser().get(f"/photos/{name}-480.webp")
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()
    assert browser().get(f"/photos/{name}-480.svg").status_code == 404
    assert browser().get(f"/photos/{name}-481.webp").status_code == 404


def test_an_svg_is_refused_and_the_words_stay(browser: Any) -> None:
    manager = browser("orologio")
    file = (io.BytesIO(b"<svg><script>alert(1)</script></svg>"), "a.png", "image/png")
    refused = manager.post(ALBUM, photo=file, alt_it="Il cortile", room="")
    assert refused.status_code == 422
    assert 'value="Il cortile"' in refused.get_data(as_text=True)


@pytest.mark.parametrize("name", ["..%2F..%2Fsecret_key", "....", "%2e%2e", "a%00b", "ü"])
def test_only_our_own_names_are_files(browser: Any, name: str) -> None:
    assert browser().get(f"/photos/{name}-480.webp").status_code == 404
