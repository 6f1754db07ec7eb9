"""The figures of a report for other programmes: JSON, CSV, a workbook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import tierslieu.toolkit as tl
from tierslieu_reports.models import Report
from tierslieu_reports.words import Reader

msg = tl.sentences("tierslieu_reports")
HEADS: Final = (
    msg("Section"), msg("What"), msg("Line"), msg("Column"), msg("Number"), msg("Of"),
    msg("Before"), msg("Unit"), msg("Definition"),
)  # fmt: skip
TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
#: With what a cell must not begin in a table: other programmes would run it as a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def lines(content: Mapping[str, Any], reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Every number of a report, a line each: minutes, cents and counts as they were kept."""
    for section in content.get("sections", ()):
        title = reader.label(section["title"])
        for f in section["figures"]:
            yield (title, reader.label(f["label"]), "", "", f["value"], f["of"], f["was"],
                   f["unit"], reader.label(f["definition"]))  # fmt: skip
        for table in section["tables"]:
            for line in table["lines"]:
                for column, value in zip(table["columns"], line["cells"], strict=True):
                    if column["unit"] != "share":
                        yield (title, reader.label(table["title"]), reader.label(line["label"]),
                               reader.label(column["label"]), value, None, None, column["unit"],
                               "")  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def as_csv(content: Mapping[str, Any], reader: Reader) -> bytes:
    """A table that programmes read, with a mark of its encoding for those that guess."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([reader.say(head) for head in HEADS])
    writer.writerows([_plain(value) for value in line] for line in lines(content, reader))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(content: Mapping[str, Any], reader: Reader) -> bytes:
    """A workbook of one sheet."""
    # Here, so that a server starts without it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("tierslieu")
    for line in ([reader.say(head) for head in HEADS], *lines(content, reader)):
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value=_plain(value))
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_plain(report: Report, content: Mapping[str, Any]) -> dict[str, Any]:
    """A report as plain values: what JSON and the API give."""
    return {
        "id": report.public_id,
        "scope": report.scope,
        "name": report.told,
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "state": report.state,
        "words": report.words,
        "sections": content.get("sections", []),
    }


def as_json(report: Report, content: Mapping[str, Any]) -> bytes:
    """The same as text."""
    return json.dumps(as_plain(report, content), ensure_ascii=False, indent=1).encode()
