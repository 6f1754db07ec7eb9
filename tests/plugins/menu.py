"""What plugins of a test add to the menu, told from what the bundled ones add."""

from __future__ import annotations

from tierslieu import hookspecs
from tierslieu.contributions import NavItem
from tierslieu.kernel.actor import SYSTEM
from tierslieu.kernel.site import Site


def nav(site: Site) -> list[str]:
    """Their addresses, in order."""
    bundled = {item.name for item in site.plugins.all if item.is_bundled}
    found = site.hooks.gather_named(hookspecs.nav_items, actor=SYSTEM, place="main")
    return [item.url for name, item in found if name not in bundled and isinstance(item, NavItem)]
