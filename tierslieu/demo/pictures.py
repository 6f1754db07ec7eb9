"""Ten drawn pictures in the manner of civic posters: flat colour, simple shapes, no photograph."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw

from tierslieu.kernel.texts import Texts

#: Twelve accents as poster colours: ground, pale shape (ink is common to all).
GROUNDS: Mapping[str, tuple[str, str]] = {
    "mattone": ("#ff9f84", "#ffd6c9"),
    "zucca": ("#ffa86a", "#ffdcc0"),
    "ocra": ("#eeb85c", "#f9e2b8"),
    "oliva": ("#c3cc74", "#e4e9bf"),
    "prato": ("#94db92", "#cdf0cb"),
    "persiana": ("#7fd9b4", "#c5efdf"),
    "acqua": ("#72d8dc", "#c3f0f1"),
    "cielo": ("#7fcbff", "#c9e9ff"),
    "notte": ("#a3bdff", "#d6e1ff"),
    "prugna": ("#dcaaff", "#f0dcff"),
    "lambrusco": ("#ff9ecb", "#ffd6e8"),
    "rosso": ("#ff9b92", "#ffd5d1"),
}
INK = "#131e19"
#: The canvas on which shapes are placed; `draw_picture` scales it.
WIDTH, HEIGHT = 240, 140
SMOOTH = 2


class Poster:
    """A canvas of 240 by 140 units with three colours; shapes are drawn larger, then reduced."""

    def __init__(self, accent: str, width: int) -> None:
        self.ground, self.pale = GROUNDS[accent]
        self._scale = width * SMOOTH / WIDTH
        size = (width * SMOOTH, round(HEIGHT * self._scale))
        self._image = Image.new("RGB", size, self.ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, width: float, height: float, colour: str = INK) -> None:
        """A filled rectangle."""
        self._draw.rectangle(self._at(x, y, x + width, y + height), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: str = INK) -> None:
        """A filled circle."""
        self._draw.ellipse(self._at(x - radius, y - radius, x + radius, y + radius), fill=colour)

    def ring(self, x: float, y: float, radius: float, colour: str = INK, width: float = 8) -> None:
        """A circle's outline."""
        box = self._at(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=colour, width=round(width * self._scale))

    def shape(self, points: list[tuple[float, float]], colour: str = INK) -> None:
        """A filled polygon."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.polygon(scaled, fill=colour)

    def line(self, points: list[tuple[float, float]], colour: str = INK, width: float = 6) -> None:
        """A broken line."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * self._scale), joint="curve")

    def arch(self, x: float, y: float, width: float, height: float, colour: str = INK) -> None:
        """An opening with a round top, the motif of the whole site."""
        self.disc(x + width / 2, y + width / 2, width / 2, colour)
        self.box(x, y + width / 2, width, height - width / 2, colour)

    def png(self) -> bytes:
        """The picture as PNG, without metadata."""
        half = (self._image.width // SMOOTH, self._image.height // SMOOTH)
        reduced = self._image.resize(half, Image.Resampling.LANCZOS).quantize(64)
        out = io.BytesIO()
        reduced.save(out, "PNG", optimize=True)
        return out.getvalue()

    def _at(self, *edges: float) -> list[float]:
        return [edge * self._scale for edge in edges]


def _hall(p: Poster) -> None:
    p.box(0, 112, 240, 28, p.pale)
    for x in (20, 92, 164):
        p.arch(x, 18, 56, 94)
        p.arch(x + 10, 30, 36, 82, p.pale)
    for x in range(14, 230, 36):
        p.box(x, 104, 22, 6)
        p.box(x, 110, 4, 18)
        p.box(x + 18, 110, 4, 18)


def _kitchen(p: Poster) -> None:
    p.disc(120, 140, 100, p.pale)
    p.box(66, 66, 108, 54)
    p.box(50, 74, 140, 10)
    p.box(58, 54, 124, 9)
    p.disc(120, 48, 9)
    for x in (92, 120, 148):
        p.line([(x, 36), (x + 7, 27), (x, 18), (x + 7, 8)], p.pale, 5)
    p.box(0, 122, 240, 18)


def _bocce(p: Poster) -> None:
    p.box(0, 104, 240, 36, p.pale)
    p.disc(70, 76, 40)
    p.ring(160, 86, 30)
    p.disc(206, 104, 12)
    p.line([(40, 66), (56, 54), (84, 54), (100, 66)], p.pale, 4)
    p.line([(34, 82), (54, 68), (86, 68), (106, 82)], p.pale, 4)


def _garden(p: Poster) -> None:
    p.disc(206, 30, 22, p.pale)
    p.box(0, 108, 240, 32)
    for x, height in ((34, 40), (84, 62), (134, 48), (184, 26)):
        p.line([(x, 110), (x, 110 - height)], INK, 6)
        p.disc(x - 11, 112 - height, 13)
        p.disc(x + 11, 104 - height, 13, p.pale)
    for y in (118, 130):
        p.line([(0, y), (240, y)], p.pale, 3)


def _workshop(p: Poster) -> None:
    p.box(0, 110, 240, 30, p.pale)
    p.shape([(28, 112), (40, 100), (112, 28), (124, 40), (52, 112)])
    p.shape([(98, 14), (138, 54), (150, 42), (110, 2)])
    for across, up in ((1.0, 0.0), (0.71, 0.71), (0.0, 1.0), (-0.71, 0.71)):
        end = (46 * across, 46 * up)
        p.line([(194 - end[0], 74 - end[1]), (194 + end[0], 74 + end[1])], INK, 14)
    p.disc(194, 74, 36)
    p.disc(194, 74, 21, p.ground)
    p.disc(194, 74, 10, p.pale)


def _coworking(p: Poster) -> None:
    p.box(50, 20, 140, 84)
    p.box(62, 32, 116, 60, p.pale)
    p.box(20, 114, 200, 12)
    p.shape([(104, 46), (138, 64), (123, 68), (132, 83), (125, 87), (116, 72), (106, 83)])
    p.disc(204, 102, 12, p.pale)
    p.ring(217, 100, 8, p.pale, 4)


def _cloister(p: Poster) -> None:
    p.disc(120, 30, 20, p.pale)
    p.box(0, 44, 240, 70)
    for x in range(8, 240, 46):
        p.arch(x, 56, 34, 58, p.pale)
    p.box(0, 114, 240, 26, p.ground)
    p.shape([(0, 140), (60, 114), (180, 114), (240, 140)], p.pale)


def _library(p: Poster) -> None:
    for x, top, width in ((30, 30, 30), (66, 50, 22), (94, 20, 38)):
        p.box(x, top, width, 110)
        p.box(x + 8, top + 18, width - 16, 5, p.pale)
        p.box(x + 8, top + 28, width - 16, 5, p.pale)
    p.shape([(140, 140), (170, 34), (200, 44), (169, 140)], p.pale)
    p.box(20, 132, 200, 8)


def _stage(p: Poster) -> None:
    p.box(20, 12, 200, 96, p.pale)
    p.shape([(20, 12), (74, 12), (48, 60), (30, 108), (20, 108)])
    p.shape([(220, 12), (166, 12), (192, 60), (210, 108), (220, 108)])
    p.box(8, 108, 224, 14)
    p.disc(120, 62, 16)
    p.shape([(92, 108), (120, 74), (148, 108)])
    p.box(24, 128, 192, 6)


def _bar(p: Poster) -> None:
    p.box(0, 112, 240, 28)
    p.box(70, 52, 74, 54)
    p.ring(150, 76, 20, INK, 8)
    p.box(54, 104, 108, 8, p.pale)
    p.line([(94, 42), (101, 32), (94, 22), (101, 12)], p.pale, 6)
    p.line([(120, 42), (127, 32), (120, 22), (127, 12)], p.pale, 6)
    p.box(184, 40, 26, 44, p.pale)
    p.box(184, 78, 26, 34)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing and what it says to those who do not see it."""

    key: str
    alt: Texts
    paint: Callable[[Poster], None]


def _picture(key: str, paint: Callable[[Poster], None], it: str, fr: str, en: str) -> Picture:
    alt = Texts(it=f"Disegno: {it}", fr=f"Dessin : {fr}", en=f"Drawing: {en}")
    return Picture(key, alt, paint)


PICTURES: Mapping[str, Picture] = {
    picture.key: picture
    for picture in (
        _picture(
            "hall",
            _hall,
            "tre archi e una fila di sedie",
            "trois arches et une rangée de chaises",
            "three arches and a row of chairs",
        ),
        _picture(
            "kitchen",
            _kitchen,
            "una pentola che fuma",
            "une marmite qui fume",
            "a steaming pot",
        ),
        _picture(
            "bocce",
            _bocce,
            "due bocce e il boccino",
            "deux boules et le cochonnet",
            "two bocce balls and the jack",
        ),
        _picture(
            "garden",
            _garden,
            "piante in fila sotto il sole",
            "des plants alignés sous le soleil",
            "plants in a row under the sun",
        ),
        _picture(
            "workshop",
            _workshop,
            "un martello e una ruota dentata",
            "un marteau et un engrenage",
            "a hammer and a cogwheel",
        ),
        _picture(
            "coworking",
            _coworking,
            "un computer sul tavolo",
            "un ordinateur sur la table",
            "a computer on a table",
        ),
        _picture(
            "cloister",
            _cloister,
            "gli archi di un chiostro",
            "les arches d’un cloître",
            "the arches of a cloister",
        ),
        _picture(
            "library",
            _library,
            "libri su uno scaffale",
            "des livres sur une étagère",
            "books on a shelf",
        ),
        _picture(
            "stage",
            _stage,
            "un palco con il sipario aperto",
            "une scène au rideau ouvert",
            "a stage with its curtain open",
        ),
        _picture(
            "bar",
            _bar,
            "una tazzina sul bancone",
            "une tasse sur le comptoir",
            "a cup on the counter",
        ),
    )
}


def draw_picture(key: str, accent: str, width: int = 1200) -> bytes:
    """The drawing as PNG, ``width`` pixels wide and 7/12 as high; the same bytes each time.

    Raises KeyError for a picture or an accent that does not exist.
    """
    picture = PICTURES[key]
    poster = Poster(accent, width)
    picture.paint(poster)
    return poster.png()
