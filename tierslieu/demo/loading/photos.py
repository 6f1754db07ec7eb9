"""The drawn pictures: each drawn and encoded once, on another core while rows are written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tierslieu.demo.loading.tables import Known, Progress, put
from tierslieu.demo.pictures import PICTURES, draw_picture
from tierslieu.demo.records import DemoNetwork
from tierslieu.kernel.tokens import new_public_id
from tierslieu.kernel.work import Work
from tierslieu.venues.models import Photo
from tierslieu.venues.photos.pictures import Picture, encode, path_of

#: Pixels: a poster of flat colours gains nothing from more.
WIDTH = 800

Key = tuple[str, str]
Studio = dict[Key, "Future[Picture]"]


@contextmanager
def studio(network: DemoNetwork) -> Iterator[Studio]:
    """Pictures by their key and accent, being drawn in the background."""
    wanted = {(room.picture, venue.accent) for venue in network.venues for room in venue.rooms}
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield {key: pool.submit(_drawn, *key) for key in sorted(wanted)}
        finally:
            pool.shutdown(cancel_futures=True)


def _drawn(key: str, accent: str) -> Picture:
    return encode(draw_picture(key, accent, width=WIDTH))


def hang(
    work: Work, network: DemoNetwork, known: Known, pictures: Studio, progress: Progress
) -> None:
    """A picture for every room, and its venue shows that of its first room."""
    wanted = list(_wanted(network, known))
    files: dict[Key, str] = {}
    rows = []
    for number, (key, venue_id, room_id) in enumerate(wanted):
        progress(number, len(wanted), "pictures")
        picture, public_id = pictures[key].result(), new_public_id()
        if key in files:
            _link(work.site.uploads, files[key], public_id, picture)
        else:
            _write(work.site.uploads, public_id, picture)
            files[key] = public_id
        rows.append(
            {
                "public_id": public_id,
                "venue_id": venue_id,
                "room_id": room_id,
                "alt": PICTURES[key[0]].alt,
                "width": picture.width,
                "height": picture.height,
                "created_at": work.now,
            }
        )
    put(work, Photo, rows)


def _wanted(network: DemoNetwork, known: Known) -> Iterable[tuple[Key, int, int | None]]:
    for venue in network.venues:
        venue_id = known.venues[venue.slug]
        yield (venue.rooms[0].picture, venue.accent), venue_id, None
        for room in venue.rooms:
            yield (room.picture, venue.accent), venue_id, known.resources[venue.slug, room.slug]


def _write(uploads: Path, public_id: str, picture: Picture) -> None:
    for file in picture.files:
        path = path_of(uploads, public_id, file.size, file.extension)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)


def _link(uploads: Path, source: str, public_id: str, picture: Picture) -> None:
    """The same files under another name, without their bytes twice where that can be done."""
    for file in picture.files:
        path = path_of(uploads, public_id, file.size, file.extension)
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path_of(uploads, source, file.size, file.extension)
        try:
            os.link(there, path)
        except OSError:
            shutil.copyfile(there, path)
