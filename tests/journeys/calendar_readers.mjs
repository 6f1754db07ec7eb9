// node calendar_readers.mjs FOLDER FIRST LAST NAME…: what ical.js and node-ical read in NAME.ics,
// as one line of JSON: {reader: {name: [[title, "2026-11-24T17:00"], …]}}, times in UTC.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const ICAL = (await import("ical.js")).default;
const nodeIcal = require("node-ical");
const [folder, first, last, ...names] = process.argv.slice(2);
const from = new Date(`${first}T00:00:00Z`);
const until = new Date(`${last}T00:00:00Z`);
const told = (title, at) => [title, at.toISOString().slice(0, 16)];
const within = (at) => at >= from && at < until;

function byIcalJs(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const all = calendar.getAllSubcomponents("vevent").map((each) => new ICAL.Event(each));
  const changed = all.filter((each) => each.isRecurrenceException());
  const found = [];
  for (const event of all.filter((each) => !each.isRecurrenceException())) {
    for (const other of changed) if (other.uid === event.uid) event.relateException(other);
    if (!event.isRecurring()) {
      found.push(told(event.summary, event.startDate.toJSDate()));
      continue;
    }
    const dates = event.iterator();
    for (let next = dates.next(), n = 0; next && n < 400; next = dates.next(), n += 1) {
      const shown = event.getOccurrenceDetails(next);
      found.push(told(shown.item.summary, shown.startDate.toJSDate()));
    }
  }
  return found.filter(([, at]) => within(new Date(`${at}Z`)));
}

function byNodeIcal(text) {
  const found = [];
  for (const event of Object.values(nodeIcal.sync.parseICS(text))) {
    if (event.type !== "VEVENT") continue;
    const dates = event.rrule ? event.rrule.all() : [event.start];
    const changed = Object.values(event.recurrences ?? {});
    const named = new Set(changed.map((each) => each.recurrenceid.getTime()));
    const without = new Set(Object.values(event.exdate ?? {}).map((each) => each.getTime()));
    for (const each of dates) {
      if (!named.has(each.getTime()) && !without.has(each.getTime())) {
        found.push(told(event.summary, each));
      }
    }
    for (const each of changed) found.push(told(each.summary, each.start));
  }
  return found.filter(([, at]) => within(new Date(`${at}Z`)));
}

const found = { "ical.js": {}, "node-ical": {} };
for (const name of names) {
  const text = fs.readFileSync(`${folder}/${name}.ics`, "utf8");
  found["ical.js"][name] = byIcalJs(text);
  found["node-ical"][name] = byNodeIcal(text);
}
console.log(JSON.stringify(found));
