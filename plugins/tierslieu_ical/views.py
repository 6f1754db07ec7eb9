"""Pages: my addresses, putting one together, QR codes."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup

import tierslieu.toolkit as tl
from tierslieu_ical import queries, services
from tierslieu_ical.addresses import public_address, public_base, secret_address, webcal
from tierslieu_ical.feeds import choosing
from tierslieu_ical.invitations.queries import wants_invitations
from tierslieu_ical.invitations.services import choose_invitations

bp = Blueprint("ical", __name__, template_folder="templates")
msg = tl.sentences("tierslieu_ical")


@bp.get("/feeds")
@tl.allow("feeds.own")
def feeds() -> str:
    """The addresses a person has made."""
    with tl.reading() as work:
        mine = queries.feeds_of(work.session, tl.current_actor().person_id or 0)
        names = queries.names_of(work.session, mine)
        invites = wants_invitations(work.session, tl.current_actor().person_id or 0)
    base = public_base(tl.current_site())
    return tl.page("ical/feeds.html", feeds=mine, names=names, base=base, invites=invites)


@bp.post("/feeds/invitations")
@tl.allow("feeds.own")
def invitations() -> Response:
    """Invitations in one's mails, or none."""
    wanted = request.form.get("wanted") == "1"
    with tl.writing() as work:
        choose_invitations(work, wanted)
    said = msg("Your mails about bookings carry an entry for your calendar.")
    none = msg("Your mails about bookings carry no entry for calendars any more.")
    tl.flash_message(said if wanted else none)
    return redirect(url_for("ical.feeds"))  # type: ignore[return-value]


@bp.get("/feeds/choose")
@tl.allow(tl.PUBLIC)
def choose() -> str:
    """Put together which calendar, and what it tells; a public address is shown at once."""
    with tl.reading() as work:
        picked = choosing.picked(work, request.args.get("of", ""), request.args.getlist)
        options = choosing.all_whose(work)
    if picked is None:
        return tl.page("ical/choose.html", found=None, options=options)
    link = webcal(picked.address) if picked.address else ""
    return tl.page(
        "ical/choose.html",
        options=options,
        webcal=link,
        qr=_drawn(link) if link else "",
        details=[
            {"value": each, "label": _said(text), "checked": each == picked.detail}
            for each, text in picked.details
        ],
        **vars(picked),
    )


@bp.post("/feeds")
@tl.allow("feeds.own")
def feed_new() -> str:
    """Make an address and show it, this once."""
    of, detail = request.form.get("of", "own"), request.form.get("detail", "private")
    chosen = request.form.get("query", "")[:1000]
    with tl.writing() as work:
        found = choosing.whose(work, of)
        if found is None or detail not in found.details:
            raise tl.NotFound
        opens = choosing.reader_of(found, detail)
        _, token = services.new_feed(work, opens, chosen)
    return _shown(token, chosen)


@bp.post("/feeds/<public_id>/renew")
@tl.allow("feeds.own")
def feed_renew(public_id: str) -> str:
    """Put a new address in the place of one, and show it, this once."""
    with tl.writing() as work:
        feed, token = services.renew_feed(work, public_id)
        chosen = feed.chosen
    return _shown(token, chosen)


@bp.post("/feeds/<public_id>/stop")
@tl.allow("feeds.own")
def feed_stop(public_id: str) -> Response:
    """Stop an address."""
    with tl.writing() as work:
        services.stop_feed(work, public_id)
    tl.flash_message(msg("This address no longer opens anything."))
    return redirect(url_for("ical.feeds"))  # type: ignore[return-value]


def _shown(token: str, chosen: str) -> str:
    address = secret_address(tl.current_site(), token, chosen)
    return tl.page("ical/address.html", address=address, webcal=webcal(address), qr=_drawn(address))


def _said(text: tl.Message | str) -> str:
    return tl.say(text, tl.current_locale())


def _drawn(address: str) -> Markup:
    return Markup(qr(address))  # noqa: S704 - drawn by us, the address is only dots in it


@bp.get("/feeds/<kind>/<key>.svg")
@tl.allow(tl.PUBLIC)
def picture(kind: str, key: str) -> Response:
    """The QR code of a public calendar."""
    with tl.current_site().reading() as work:
        if not _has_calendar(work, kind, key):
            raise tl.NotFound
    code = qr(webcal(public_address(tl.current_site(), kind, key)))
    return Response(
        code, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
    )


def qr(address: str) -> str:
    """A QR code as SVG, dark on light whatever the page's colours."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out,
        kind="svg",
        border=3,
        light="#fff",
        dark="#000",
        xmldecl=False,
        omitsize=True,
        svgclass="qr",
    )
    return out.getvalue().decode()


def _has_calendar(work: tl.Work, kind: str, key: str) -> bool:
    """Whether everybody may read the calendar of a venue or room."""
    if kind == "venue":
        venue = queries.venue_by_slug(work.session, key)
    else:
        found = queries.room_by_id(work.session, key) if kind == "room" else None
        venue = found[1] if found else None
    return venue is not None and tl.is_on(work, venue.id)
