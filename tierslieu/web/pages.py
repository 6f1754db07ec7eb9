"""Pages: Jinja with each folder's own domain of sentences, and what every template may use."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Flask, current_app, flash, render_template, request, url_for
from flask.templating import Environment
from flask_wtf.csrf import generate_csrf
from jinja2 import nodes, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy

from tierslieu import hookspecs
from tierslieu.config import LANGUAGES
from tierslieu.contributions import Panel
from tierslieu.kernel import languages as words
from tierslieu.kernel.hooks import Hooks
from tierslieu.kernel.messages import DOMAIN, Message, msg
from tierslieu.kernel.texts import Texts
from tierslieu.web import nav
from tierslieu.web.requests import (
    _asked,
    current_actor,
    current_locale,
    current_site,
    reading,
    safe_next,
)

_NAMES = {"it": "italiano", "fr": "français", "en": "English"}
_GETTEXT = {"_", "gettext", "ngettext"}


def page(template: str, /, **values: Any) -> str:
    """Render a page. ``crumbs`` [(label, url)…], ``lede``, ``desk`` are the layout's."""
    return render_template(template, **values)


def flash_message(message: Message, kind: str = "ok") -> None:
    """Say something at the top of the next page: ``ok``, ``info``, ``warn`` or ``error``."""
    flash(words.say(message, current_locale()), kind)


def back_to(default: str) -> str:
    """Where ``next`` (form or query) leads, if it stays on this site."""
    return safe_next(request.form.get("next") or request.args.get("next"), default)


class HouseEnvironment(Environment):
    """Binds ``_``, ``ngettext`` and ``trans`` to the domain of the template's own folder.

    ``people/register.html`` speaks the core's domain; a plugin's folder speaks the plugin's.
    """

    domains: dict[str, str] = {}  # noqa: RUF012

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        domain = self.domains.get((name or "").split("/", 1)[0], DOMAIN)
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in _GETTEXT:
                plural = call.node.name == "ngettext"
                call.node = nodes.Name("_plural_in" if plural else "_in", "load")
                call.args = [nodes.Const(domain), *call.args]
        return tree


def _finished(context: Context, text: str, values: Mapping[str, Any]) -> str:
    if context.eval_ctx.autoescape:
        marked = Markup(text)  # noqa: S704 - sentences come from the source, not from people
        return marked % {k: _shown(v) for k, v in values.items()} if values else _plain(marked)
    return text % {k: _shown(v) for k, v in values.items()} if values else _plain(text)


def _plain(text: str) -> str:
    return text.replace("%%", "%")


def _shown(value: Any) -> Any:
    return words.say(value, current_locale()) if isinstance(value, Message) else value


@pass_context
def _in(context: Context, domain: str, msgid: str, **values: Any) -> str:
    return _finished(context, words.translate(current_locale(), domain, str(msgid)), values)


@pass_context
def _plural_in(
    context: Context, domain: str, singular: str, plural: str, n: int, **values: Any
) -> str:
    text = words.translate(current_locale(), domain, str(singular), str(plural), int(n))
    return _finished(context, text, {"num": n, "n": n} | values)


def _said(value: Any, zone: str | None = None) -> Any:
    """A Message in the reader's language; strings and lazy labels pass as they are."""
    return words.say(value, current_locale(), zone) if isinstance(value, Message) else value


def _texts(value: Texts | None, *, plain: bool = False) -> str:
    if not value:
        return ""
    default = getattr(current_network(), "locale", "it")
    language, text = Texts(value).best(current_locale(), default)
    if plain or language == current_locale() or not text:
        return text if plain else escape(text)
    return Markup('<span lang="{}">{}</span>').format(language, text)


def current_network() -> Any:
    """The network's row, read once a request."""
    asked = _asked()
    if asked.network is None:
        with reading() as work:
            asked.network = current_app.extensions["tierslieu.network"](work)
    return asked.network


@lru_cache(maxsize=512)
def _digest(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def asset(name: str, package: str = "web") -> str:
    """Address of a static file, with its content's hash so that it may be cached for ever.

    A page names the same few files many times: the file itself is looked at once a second.
    """
    known: dict[Any, tuple[int, str]] = current_site().memo.setdefault("assets", {})
    key, second = (request.script_root, package, name), int(time.monotonic())
    found = known.get(key)
    if found is not None and found[0] == second:
        return found[1]
    blueprint = current_app.blueprints[package]
    path = Path(blueprint.static_folder or "") / name
    version = _digest(str(path), path.stat().st_mtime) if path.exists() else "0"
    address = url_for(f"{package}.static", filename=name, v=version)
    if len(known) > KEPT:
        known.clear()
    known[key] = second, address
    return address


#: So many addresses of static files are kept by one process.
KEPT = 500


def _local(moment: datetime, zone: str | None) -> datetime:
    return moment.astimezone(ZoneInfo(zone or current_network().zone))


def _day(value: date, zone: str | None = None) -> str:
    day = _local(value, zone) if isinstance(value, datetime) else value
    return words.day_words(day, current_locale())


def _day_short(value: date, zone: str | None = None) -> str:
    day = _local(value, zone) if isinstance(value, datetime) else value
    return words.day_short_words(day, current_locale())


def _day_year(value: date, zone: str | None = None) -> str:
    day = _local(value, zone) if isinstance(value, datetime) else value
    return words.day_year_words(day, current_locale())


def _clock(moment: datetime, zone: str | None = None) -> str:
    return words.clock_words(_local(moment, zone))


def _begun(text: str) -> str:
    """Words at the beginning of a line: the first letter is large, the others stay."""
    return text[:1].upper() + text[1:]


def _minutes(value: int) -> str:
    """Minutes from midnight as a time: 880 → 14:40."""
    return f"{value // 60}:{value % 60:02d}"


def _span(value: Any, zone: str | None = None) -> str:
    """A Span or a pair of moments in words."""
    starts_at, ends_at = (
        (value.starts_at, value.ends_at) if hasattr(value, "starts_at") else (value[0], value[1])
    )
    return words.span_words(starts_at, ends_at, current_locale(), zone or current_network().zone)


def _money(value: Any) -> str:
    """Money, or minor units of the network's currency, in words."""
    cents = getattr(value, "cents", value)
    currency = getattr(value, "currency", None) or current_network().currency
    return words.money_words(cents, currency, current_locale())


def _languages() -> list[dict[str, str]]:
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return [
        {"code": code, "name": _NAMES[code], "url": f"/language/{code}?next={quote(here)}"}
        for code in LANGUAGES
    ]


def desk(venue: Any) -> dict[str, Any]:
    """What ``web/desk.html`` needs: whose desk this is and its bar, for a Venue's row."""
    return {
        "desk": {
            "name": venue.name,
            "accent": venue.accent,
            "url": url_for("bookings.today", slug=venue.slug),
        },
        "nav_desk": nav.entries("desk", venue.id, venue.slug),
    }


@pass_context
def _panels(
    context: Context, place: Any, subject: object = None, venue_id: int | None = None, **more: Any
) -> Markup:
    """What features and plugins add at a place of a page; ``subject`` is the row it shows."""
    shown = more if subject is None else {place: subject} | more
    with reading() as work:
        found = work.hooks.gather_named(
            hookspecs.panels, work=work, place=place, subject=shown, venue_id=venue_id
        )
        drawn = [_drawn(context, work.hooks, name, panel) for name, panel in found]
    return Markup("").join(drawn)


def _drawn(context: Context, hooks: Hooks, name: str, panel: Panel) -> Markup:
    """A panel as it is drawn; one whose template fails is left out."""
    with hooks.contained(name, "panels") as call:
        template = context.environment.get_template(panel.template)
        call.answer = Markup(template.render(dict(panel.values)))  # noqa: S704 - a template escapes
    return Markup("") if call.error else call.answer


def install(app: Flask) -> None:
    """Filters, globals and the environment of every template."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.globals.update(
        _=_in,
        _in=_in,
        _plural_in=_plural_in,
        t=_texts,
        asset=asset,
        once=cache,
        lang=LocalProxy(current_locale),
        network=LocalProxy(current_network),
        actor=LocalProxy(current_actor),
        nav_main=LocalProxy(lambda: nav.entries("main")),
        nav_foot=LocalProxy(lambda: nav.entries("foot")),
        nav_admin=LocalProxy(lambda: nav.entries("admin")),
        languages=LocalProxy(_languages),
        panels=_panels,
        csrf_token=generate_csrf,
        home_url=LocalProxy(lambda: url_for("venues.home")),
        sign_in_url=LocalProxy(
            lambda: url_for("people.sign_in", next=request.full_path.rstrip("?"))
        ),
        sign_out_url=LocalProxy(lambda: url_for("people.sign_out")),
        next_url=LocalProxy(lambda: request.full_path.rstrip("?")),
        notices=LocalProxy(_notices),
        demo=LocalProxy(lambda: current_site().config.demo),
    )
    env.filters.update(
        say=_said,
        day=_day,
        day_short=_day_short,
        day_year=_day_year,
        month=lambda value: words.month_words(value, current_locale()),
        clock_time=_clock,
        minutes=_minutes,
        money=_money,
        number=lambda value: words.number_words(value, current_locale()),
        weekday_name=lambda value, short=False: words.weekday_words(
            value, current_locale(), short=short
        ),
        t=_texts,
        begun=_begun,
    )
    env.filters["span_words"] = _span
    env.globals["span_words"] = lambda start, end, zone=None: _span((start, end), zone)
    env.globals["say"] = _said


def _notices() -> list[dict[str, Any]]:
    """Banners above every page: what kind of site this is, what its administrators say."""
    found: list[dict[str, Any]] = []
    if current_site().config.demo:
        found.append({"kind": "sun", "text": words.say(_DEMO, current_locale())})
    banner = _texts(current_network().banner)
    if banner:
        found.append({"kind": "", "text": banner})
    return found


_DEMO = msg(
    "A demonstration: people, rooms and bookings are invented; the venues and their addresses "
    "come from public sources of Reggio Emilia."
)
