"""Settings of plugins: said at a place, in force below it, and secrets that stay secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tierslieu.kernel.actor import SYSTEM, Actor, Grant
from tierslieu.kernel.audit import AuditEntry
from tierslieu.kernel.errors import Forbidden, NotFound, Refused
from tierslieu.kernel.site import Site
from tierslieu.plugins.settings.rules import Place
from tierslieu.plugins.settings.services import say
from tierslieu.testing import a_room, a_venue, an_account, sign_in

Write = Callable[[str, str], Path]

LAMPS = """
plugin = tl.Plugin(
    "{name}", "Lamps", "Lamps of a test.",
    settings=(
        tl.Setting("minutes", "integer", "Minutes", 5, "How long.", least=1, most=60, scope="room"),
        tl.Setting("colour", "choice", "Colour", "red", scope="venue",
                   choices=(("red", "Red"), ("blue", "Blue"))),
        tl.Setting("dim", "boolean", "Dim", False),
        tl.Setting("key", "text", "Key of the switchboard", secret=True, scope="venue"),
    ),
)
def asked(work, name, **place): return tl.setting(work, name, **place)
"""
THIEF = """
plugin = tl.Plugin("{name}", "Thief", "It asks for what is not its own.")
def asked(work, name, **place): return tl.setting(work, name, **place)
"""
SECRET = "correct horse battery"


@pytest.fixture
def site(house: Callable[[], Site], write: Write) -> Site:
    write("lamps", LAMPS)
    write("thief", THIEF)
    made = house()
    for name in ("lamps", "thief"):
        made.plugins.enable(made, name)
    return made


def put(site: Site, place: Place, actor: Actor = SYSTEM, **texts: str | None) -> list[str]:
    with site.writing(actor) as work:
        return say(work, site.plugins, "lamps", place, texts)


def asked(site: Site, name: str, by: str = "lamps", **place: int) -> Any:
    with site.reading() as work:
        return site.plugins.find(by).module.asked(work, name, **place)  # type: ignore[union-attr]


def test_a_room_before_its_venue_before_the_network(site: Site) -> None:
    here = {"venue_id": 3, "room_id": 5}
    assert asked(site, "minutes", **here) == 5
    put(site, Place(), minutes="10")
    put(site, Place(3), minutes="20")
    put(site, Place(3, 5), minutes="30")

    assert asked(site, "minutes") == 10
    assert asked(site, "minutes", venue_id=3) == 20
    assert asked(site, "minutes", **here) == 30
    put(site, Place(3, 5), minutes=None)
    assert asked(site, "minutes", **here) == 20


def test_reading_asks_the_database_nothing(site: Site) -> None:
    put(site, Place(3), minutes="20")
    statements: list[str] = []
    with site.reading() as work:
        work.session.connection()
        asked(site, "minutes", venue_id=3)
        sa.event.listen(
            site.db.reader, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        module: Any = site.plugins.find("lamps").module
        assert module.asked(work, "minutes", venue_id=3) == 20
    assert [each for each in statements if "plugin" in each] == []


def test_all_that_is_wrong_is_said_and_nothing_is_written(site: Site) -> None:
    with pytest.raises(Refused) as refused:
        put(site, Place(3), minutes="90", colour="green", dim="yes")
    assert {reason.field for reason in refused.value.reasons} == {"minutes", "colour", "dim"}
    assert "wider place" in str(refused.value.reasons[2].message)
    assert asked(site, "minutes", venue_id=3) == 5
    with pytest.raises(NotFound):
        put(site, Place(), nothing="1")


def test_a_manager_sets_hers_and_the_network_its_own(site: Site) -> None:
    grant = Grant("venue_manager", "venue", 3, frozenset({"plugins.venue"}))
    hers = Actor(account_id=1, grants=(grant,))
    assert put(site, Place(3, 5), hers, minutes="20") == ["minutes"]
    assert put(site, Place(3, 5), hers, minutes="20") == []
    for place in (Place(4), Place()):
        with pytest.raises(Forbidden):
            put(site, place, hers, minutes="20")


def test_a_plugin_reads_its_own_settings_only(site: Site) -> None:
    put(site, Place(), key=SECRET)
    assert asked(site, "key") == SECRET
    with pytest.raises(LookupError):
        asked(site, "key", by="thief")


def test_another_process_reads_it_within_a_second(
    site: Site, house: Callable[[], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = house()
    assert asked(other, "minutes") == 5
    put(site, Place(), minutes="10")
    monkeypatch.setattr("tierslieu.plugins.switches.FRESH", 0.0)
    assert asked(other, "minutes") == 10


def test_a_secret_is_not_in_the_journal(site: Site) -> None:
    put(site, Place(), key=SECRET, minutes="10")
    with site.reading() as work:
        rows = work.session.execute(
            sa.select(AuditEntry.detail).where(AuditEntry.verb == "plugins.settings")
        ).all()
    assert len(rows) == 1
    assert rows[0][0]["names"] == ["key", "minutes"]
    assert SECRET not in str(rows)


# -- pages --------------------------------------------------------------------------------------


@pytest.fixture
def town(open_app: Callable[[], Any], write: Write) -> Any:
    write("lamps", LAMPS)
    app = open_app()
    site = app.extensions["tierslieu"]
    with site.writing() as work:
        one = a_venue(work, "one")
        a_room(work, one, "lisiere", public_id="lisierelisierel2")
        an_account(work, "admin@example.org", role="network_admin")
        an_account(work, "manager@example.org", role="venue_manager", venue=one)
    site.plugins.enable(site, "lamps")
    return app


def test_one_form_for_the_network_a_venue_and_a_room(town: Any) -> None:
    admin, manager = town.test_client(), town.test_client()
    sign_in(admin, "admin@example.org")
    sign_in(manager, "manager@example.org")
    network, venue = "/admin/plugins/lamps/settings", "/manage/one/plugins/lamps"
    room = "/manage/one/rooms/lisierelisierel2/plugins/lamps"
    assert manager.get(network).status_code == 403
    assert "Empty: 5, as it comes." in admin.get(network).get_data(as_text=True)

    assert admin.post(network, data={"s_minutes": "10", "s_key": SECRET}).status_code == 302
    page = manager.get(venue).get_data(as_text=True)
    assert "Empty: 10, as the network says." in page
    assert "Dim" not in page
    wrong = manager.post(venue, data={"s_minutes": "90"})
    assert wrong.status_code == 422
    assert "From 1 to 60, please." in wrong.get_data(as_text=True)
    assert manager.post(venue, data={"s_minutes": "20", "s_colour": "blue"}).status_code == 302
    assert "Empty: 20, as the venue says." in manager.get(room).get_data(as_text=True)
    assert manager.post(room, data={"s_minutes": "30"}).status_code == 302
    assert 'value="30"' in manager.get(room).get_data(as_text=True)
    assert "/plugins/lamps" in manager.get(room.rpartition("/plugins")[0]).get_data(as_text=True)

    site = town.extensions["tierslieu"]
    site.plugins.disable(site, "lamps")
    assert [manager.get(each).status_code for each in (venue, room)] == [404, 404]


def test_a_secret_is_never_shown_again(town: Any) -> None:
    admin = town.test_client()
    sign_in(admin, "admin@example.org")
    address = "/admin/plugins/lamps/settings"
    site = town.extensions["tierslieu"]

    def kept() -> Any:
        return site.plugins.setting("lamps", "key")

    admin.post(address, data={"s_key": SECRET})
    page = admin.get(address).get_data(as_text=True)
    assert SECRET not in page
    assert "Something is set here and is not shown." in page
    wrong = admin.post(address, data={"s_minutes": "0", "s_key": "another secret"})
    assert "another secret" not in wrong.get_data(as_text=True)
    admin.post(address, data={"s_minutes": "10"})
    assert kept() == SECRET
    admin.post(address, data={"forget_key": "y"})
    assert kept() is None
