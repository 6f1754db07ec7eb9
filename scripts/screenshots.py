"""Pictures of the pages, to be held beside the design: ``make screenshots``.

Needs a running demo (``make demo``) and Chromium. Each page is taken at 390 and 1280 pixels,
light and dark, in Italian; ``--locale en-GB`` takes another, ``--only home,room`` some pages,
``--to`` says where and ``--url`` of what.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

TODAY = datetime.now(UTC).date()
SATURDAY = TODAY + timedelta(days=(5 - TODAY.weekday()) % 7 or 7)
SEARCH = f"/search?n=12&date={SATURDAY}&start=18:00&end=22:00&where=anywhere&access=step_free"
LANES = "main a:has-text('Bocciodromo')"

#: name → (account or none, address, or "link:" and a selector to follow from an address)
PAGES: dict[str, tuple[str, str]] = {
    "home": ("", "/"),
    "results": ("", SEARCH),
    "venues": ("", "/venues"),
    "venue": ("", "/venues/orologio"),
    "room": ("", "/venues/orologio > main a[href^='/rooms/']"),
    "book": ("member", "/venues/gattaglio > main a[href^='/rooms/'] > main a[href^='/book/']"),
    "whats-on": ("", "/whats-on"),
    "find": ("", f"/find?n=12&from={TODAY}&until={TODAY + timedelta(days=8)}&days=any&part=any"),
    "why": ("", f"/find?n=99&from={TODAY} > main a[href^='/find/why']"),
    "sign-in": ("", "/sign-in"),
    "register": ("", "/register"),
    "me": ("member", "/me"),
    "my-bookings": ("member", "/me/bookings"),
    "booking": ("member", "/me/bookings > main a[href^='/bookings/']"),
    "series": ("member", "/me/bookings > main a[href$='/series']"),
    "my-waiting": ("member", "/me/waiting"),
    "cart": ("member", "/cart"),
    "house-rules": ("", "/venues/gattaglio > main a[href^='/rooms/'] > main a[href^='/rules/']"),
    "guest-links": ("", "/guests/link"),
    "today": ("manager", "/manage/gattaglio"),
    "timeline": ("manager", "/manage/gattaglio/timeline"),
    "requests": ("manager", "/manage/gattaglio/requests"),
    "to-answer": ("manager", "/answers"),
    "desk-book": ("manager", "/manage/gattaglio/book"),
    "rules": ("manager", "/manage/gattaglio/rules"),
    "quotas": ("manager", "/manage/gattaglio/rules/quotas"),
    "uses": ("manager", "/manage/gattaglio/rules/uses"),
    "chain": ("manager", "/manage/gattaglio/answers"),
    "terms": ("manager", "/manage/gattaglio/terms"),
    "terms-of-house": ("manager", "/manage/gattaglio/terms/house"),
    "preconditions": ("manager", "/manage/gattaglio/preconditions"),
    "waiting": ("manager", "/manage/gattaglio/waiting"),
    "mode": ("manager", "/manage/gattaglio/settings/mode"),
    "closures": ("manager", "/manage/gattaglio/settings/closures"),
    "touched": ("manager", "/manage/gattaglio/touched"),
    "to-handle": ("manager", "/manage/gattaglio/to-handle"),
    "things": ("manager", "/manage/gattaglio/things"),
    "thing": ("manager", "/manage/gattaglio/things/new"),
    "places": ("manager", f"/manage/gattaglio/rooms > {LANES} > main a[href$='/places']"),
    "displays": ("manager", "/manage/gattaglio/displays"),
    "arrivals": ("manager", "/manage/gattaglio/arrivals"),
    "to-do": ("manager", "/manage/gattaglio/to-do"),
    "lists": ("manager", "/manage/gattaglio/to-do/lists"),
    "keys": ("manager", "/manage/gattaglio/keys"),
    "venue-week": ("", "/venues/gattaglio/week"),
    "members": ("manager", "/manage/gattaglio/members"),
    "people": ("manager", "/manage/gattaglio/people"),
    "settings": ("manager", "/manage/gattaglio/settings"),
    "hours": ("manager", "/manage/gattaglio/settings/hours"),
    "rooms": ("manager", "/manage/gattaglio/rooms"),
    "admin": ("admin", "/admin/"),
    "plugins": ("admin", "/admin/plugins"),
    "hooks": ("admin", "/admin/plugins/hooks"),
    "jobs": ("admin", "/admin/jobs"),
    "audit": ("admin", "/admin/audit"),
    "style": ("", "/style"),
}
SIZES = {390: 844, 1280: 900}


def browser_path() -> str:
    """The system's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if found is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    return found


def signed_in(browser: Browser, url: str, account: str, locale: str) -> Any:
    """A context's cookies for one of the demo's accounts; none for nobody."""
    context = browser.new_context(locale=locale)
    if account:
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("input[name=email]", f"{account}@demo.example")
        page.fill("input[name=password]", "demo")
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state()
    state = context.storage_state()
    context.close()
    return state


def follow(page: Page, url: str, way: str) -> None:
    """Open an address, then follow the first link of each selector after a ``>``."""
    first, *links = way.split(" > ")
    page.goto(url + first)
    for selector in links:
        page.goto(url + str(page.locator(selector).first.get_attribute("href")))


def main() -> int:
    """Take the pictures; says what could not be taken and exits 1 then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--to", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", default="")
    parser.add_argument("--locale", default="it-IT")
    parser.add_argument("--dark", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    names = [name for name in asked.only.split(",") if name] or list(PAGES)
    asked.to.mkdir(parents=True, exist_ok=True)
    failed = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        states = {
            account: signed_in(browser, asked.url, account, asked.locale)
            for account in {PAGES[name][0] for name in names}
        }
        for name in names:
            account, way = PAGES[name]
            for width, height in SIZES.items():
                for scheme in ("light", "dark") if asked.dark else ("light",):
                    context = browser.new_context(
                        locale=asked.locale,
                        viewport={"width": width, "height": height},
                        color_scheme=scheme,
                        storage_state=states[account],
                    )
                    page = context.new_page()
                    try:
                        follow(page, asked.url, way)
                        page.screenshot(
                            path=asked.to / f"{name}-{width}-{scheme}.png", full_page=True
                        )
                    except Exception as error:
                        failed.append(f"{name}: {str(error).splitlines()[0]}")
                    context.close()
        browser.close()
    print("\n".join(sorted(set(failed))) or f"{len(names)} pages in {asked.to}/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
