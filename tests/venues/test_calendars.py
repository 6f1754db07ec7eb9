"""Holidays are those of the library, of which only the country asked for is read."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from tierslieu.venues.calendars import public_holidays
found = {
    (country, place, year): {
        day: names["en"] for day, names in public_holidays(country, place, year)
    }
    for country, place in (("IT", "RE"), ("FR", "57"), ("FI", ""))
    for year in (2026, 2027)
}
read = sum(name.startswith("holidays.countries.") for name in sys.modules)
assert read <= 8, read
import holidays.countries.austria
import holidays
for (country, place, year), days in found.items():
    theirs = holidays.country_holidays(country, subdiv=place or None, years=year, language="en_US")
    assert days == dict(theirs), (country, year)
    assert len(days) >= 9
"""


@pytest.mark.parametrize("first", ["", "import holidays\n"])
def test_the_days_are_the_library_s_and_other_countries_are_not_read(first: str) -> None:
    done = subprocess.run([sys.executable, "-c", first + PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
