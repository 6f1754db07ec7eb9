// The timeline: drag, either edge, long press with a finger, or keys. Shown at once, sent to the server, put back when it refuses.
// Arrows go from one thing to the next; M takes a booking up, arrows move it, Enter puts it down, Escape gives up.
// While the page is looked at, the day is asked for anew every 15 s by a conditional request.
const live = document.getElementById('tl-live');
const say = (words) => { if (live) live.textContent = words; };
const fill = (words, values) => (words ?? '').replace(/\{(\w+)\}/g, (_, k) => values[k] ?? '');
const board = () => document.querySelector('[data-timeline]');
const words = () => board().dataset;

const minutes = () => +words().hours * 60;
const moment = (min) => new Date(Date.parse(words().dayStart || 0) + min * 60000);
const parts = (min) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: words().zone || 'UTC' }).format(moment(min));
const clock = (min) => parts(min).replace(/^0(?=\d\D)/, '');
const iso = (min) => moment(min).toISOString().replace('.000', '');
const since = (at) => Math.round((Date.parse(at) - Date.parse(words().dayStart)) / 60000);
const start = (el) => +el.dataset.start;
const length = (el) => +el.dataset.length;
const when = (el) => `${clock(start(el))}–${clock(start(el) + length(el))}`;
const title = (el) => el.querySelector('b').textContent;
const step = (el) => +el.closest('.tl-row').dataset.step || 10;
const movable = (el) => el?.matches?.('[data-move-url]');
const rows = () => [...board().querySelectorAll('.tl-row')];
const rowOf = (id) => rows().find((row) => row.dataset.roomId === id);
const find = (id) => board().querySelector(`[data-id="${CSS.escape(id)}"]`);

function place(el, from, long) {
  el.className = el.className.replace(/\b[cw]-[hm]\d+/g, '').replace(/\s+/g, ' ').trim();
  const five = (n) => Math.floor(n / 5) * 5;
  el.classList.add(`c-h${Math.floor(from / 60)}`, `c-m${five(from % 60)}`, `w-h${Math.floor(long / 60)}`, `w-m${five(long % 60)}`);
}
let appending = false;
function put(el, from, long = length(el), row = el.parentElement) {
  const n = Math.max(step(el), Math.min(long, minutes()));
  const s = Math.max(0, Math.min(minutes() - n, from));
  el.dataset.start = s;
  el.dataset.length = n;
  place(el, s, n);
  if (row !== el.parentElement) {
    const had = el === document.activeElement;
    appending = true;
    row.append(el);
    if (had) el.focus();
    appending = false;
  }
  el.querySelector('span').textContent = when(el);
}
const snap = (el) => ({ from: start(el), long: length(el), room: el.parentElement.dataset.roomId });
const back = (el, was) => put(el, was.from, was.long, rowOf(was.room) ?? el.parentElement);
const same = (a, b) => a.from === b.from && a.long === b.long && a.room === b.room;
const here = (el) => ({ title: title(el), when: when(el), room: el.parentElement.dataset.room });

// -- what the server says -------------------------------------------------------------------------

// Why not: a problem's reasons, or the title of the page that refused.
async function why(answer) {
  try {
    if ((answer.headers.get('Content-Type') ?? '').includes('json')) {
      const body = await answer.json();
      return { ...body, said: (body.reasons ?? []).map((r) => r.message).join(' ') || body.detail || body.title };
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return { said: page.querySelector('#why-title, h1')?.textContent.trim() };
  } catch { return {}; }
}

const undo = [];
let busy = 0;

async function send(el, was, isUndo = false) {
  const values = here(el);
  el.classList.add('is-saving');
  busy += 1;
  let told = {};
  try {
    const answer = await fetch(el.dataset.moveUrl, {
      method: 'PATCH', credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': words().csrf, 'If-Match': `"${el.dataset.version}"` },
      body: JSON.stringify({ starts_at: iso(start(el)), ends_at: iso(start(el) + length(el)), room_id: el.parentElement.dataset.roomId }),
    });
    if (answer.ok) {
      const body = await answer.json().catch(() => ({}));
      if (body.version !== undefined) el.dataset.version = body.version;
      if (!isUndo) undo.push([el.dataset.id, was]);
      say(fill(isUndo ? words().sayUndone : words().sayMoved, values));
      return;
    }
    told = await why(answer);
  } catch { /* the net is gone: as a refusal */ } finally {
    el.classList.remove('is-saving');
    busy -= 1;
  }
  if (told.code === 'changed_meanwhile' && told.current) { both(el, snap(el), told.current); return; }
  const reason = (told.said || words().sayTrouble).replace(/[.\s]+$/, '');
  el.classList.add('is-refused');
  say(fill(words().sayRefused, { ...values, why: reason, when: clock(was.from) }));
  setTimeout(() => { back(el, was); el.classList.remove('is-refused'); }, 900);
}

// Somebody else moved it meanwhile: it stands where she put it, and both are shown.
function both(el, mine, theirs) {
  const box = document.getElementById('tl-both');
  const wanted = here(el);
  el.dataset.version = theirs.version;
  put(el, since(theirs.starts_at), since(theirs.ends_at) - since(theirs.starts_at), rowOf(theirs.room_id) ?? el.parentElement);
  say(fill(words().sayBoth, { title: wanted.title, mine: `${wanted.when}, ${wanted.room}`, theirs: `${when(el)}, ${el.parentElement.dataset.room}` }));
  if (!box) return;
  box.querySelector('[data-mine]').textContent = `${wanted.when}, ${wanted.room}`;
  box.querySelector('[data-theirs]').textContent = `${when(el)}, ${el.parentElement.dataset.room}`;
  box.querySelector('[data-what]').textContent = wanted.title;
  box.hidden = false;
  const id = el.dataset.id;
  const leave = () => { box.hidden = true; find(id)?.focus(); };
  box.querySelector('[data-keep]').onclick = leave;
  box.querySelector('[data-again]').onclick = () => {
    const now = find(id);
    leave();
    if (!now) return;
    const was = snap(now);
    put(now, mine.from, mine.long, rowOf(mine.room) ?? now.parentElement);
    send(now, was);
  };
}

// -- keys -----------------------------------------------------------------------------------------

let held = null;   // what M has taken up: { el, was }
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const things = (row) => [...row.querySelectorAll('.tl-item, .tl-free')].sort((a, b) => start(a) - start(b));

document.addEventListener('keydown', (e) => {
  const el = e.target.closest?.('.tl-item, .tl-free');
  if (!el) return;
  const plain = !e.ctrlKey && !e.metaKey && !e.altKey;
  if ((e.ctrlKey || e.metaKey) && e.key === 'z' && undo.length) { e.preventDefault(); takeBack(); return; }
  if (!plain) return;
  if (held?.el === el) { inHand(e); return; }
  if (e.key.toLowerCase() === 'm' && movable(el)) {
    e.preventDefault();
    held = { el, was: snap(el) };
    el.classList.add('is-moving');
    say(fill(words().sayHeld, here(el)));
  } else if (ARROWS[e.key] && !e.shiftKey) {
    e.preventDefault();
    go(el, ...ARROWS[e.key]);
  } else if (e.key === 'Home' || e.key === 'End') {
    e.preventDefault();
    things(el.parentElement).at(e.key === 'Home' ? 0 : -1).focus();
  }
});
function inHand(e) {
  const { el, was } = held;
  const [side, up] = ARROWS[e.key] ?? [0, 0];
  if (side && e.shiftKey) put(el, start(el), length(el) + side * step(el));
  else if (side) put(el, start(el) + side * step(el));
  else if (up) put(el, start(el), length(el), rows()[rows().indexOf(el.parentElement) + up] ?? el.parentElement);
  else if (e.key === 'Enter' || e.key === 'Escape') letGo(e.key === 'Enter');
  else if (e.key !== 'Tab') { if (e.key.length === 1) e.preventDefault(); return; }
  if (e.key !== 'Tab') e.preventDefault();
  if (side || up) say(`${when(el)}, ${el.parentElement.dataset.room}`);
}
function letGo(keep) {
  const { el, was } = held;
  held = null;
  el.classList.remove('is-moving');
  if (keep && !same(was, snap(el))) { send(el, was); return; }
  back(el, was);
  say(fill(words().sayStays, here(el)));
}
document.addEventListener('focusout', (e) => { if (held && e.target === held.el && !appending) letGo(false); });
function go(el, side, up) {
  if (side) { const line = things(el.parentElement); line[line.indexOf(el) + side]?.focus(); return; }
  const all = rows(), middle = start(el) + length(el) / 2;
  for (let n = all.indexOf(el.parentElement) + up; all[n]; n += up) {
    const line = things(all[n]);
    const far = (thing) => Math.max(start(thing) - middle, middle - start(thing) - length(thing), 0);
    if (line.length) { line.reduce((a, b) => (far(b) < far(a) ? b : a)).focus(); return; }
  }
}
function takeBack() {
  const [id, was] = undo.pop();
  const el = find(id);
  if (!el) return;
  const now = snap(el);
  back(el, was);
  send(el, now, true);
}

// -- mouse, pen and finger ------------------------------------------------------------------------

let drag = null;   // { el, was, x, left, wide, edge, moved } or, on free time, { free, … }
const left = (row) => row.getBoundingClientRect().left;
function takeUp(el, x, wide) {
  const box = el.getBoundingClientRect(), row = el.parentElement;
  const edge = box.right - x < wide ? 'end' : x - box.left < wide && box.width > 3 * wide ? 'start' : '';
  drag = { el, was: snap(el), x, left: left(row), wide: row.clientWidth / minutes(), edge, moved: false };
}
function draw(x, y) {
  const { el, was, wide, edge } = drag;
  const by = Math.round((x - drag.x - left(el.parentElement) + drag.left) / wide / step(el)) * step(el);
  const row = document.elementsFromPoint(x, y).find((n) => n.classList?.contains('tl-row'));
  if (by || (row && row.dataset.roomId !== was.room)) drag.moved = true;
  if (!drag.moved) return;
  el.classList.add('is-moving');
  if (edge === 'end') put(el, was.from, was.long + by);
  else if (edge === 'start') put(el, Math.min(was.from + by, was.from + was.long - step(el)), was.long - Math.min(by, was.long - step(el)));
  else put(el, was.from + by, was.long, row ?? el.parentElement);
}
function drop(keep) {
  if (!drag) return;
  const { el, was, moved } = drag;
  drag = null;
  el.classList.remove('is-moving');
  if (!moved) return;
  const stay = (click) => click.preventDefault();
  el.addEventListener('click', stay, { once: true, capture: true });
  setTimeout(() => el.removeEventListener('click', stay, { capture: true }), 50);
  if (!keep) back(el, was);
  else if (!same(was, snap(el))) send(el, was);
}
document.addEventListener('pointerdown', (e) => {
  const el = e.target.closest?.('.tl-item');
  if (!movable(el) || e.button || e.pointerType === 'touch' || held) return;
  takeUp(el, e.clientX, 9);
  el.setPointerCapture(e.pointerId);
});
document.addEventListener('pointermove', (e) => { if (drag && e.pointerType !== 'touch') draw(e.clientX, e.clientY); });
document.addEventListener('pointerup', (e) => { if (e.pointerType !== 'touch') drop(true); });
document.addEventListener('pointercancel', (e) => { if (e.pointerType !== 'touch') drop(false); });
document.addEventListener('keydown', (e) => { if (drag && e.key === 'Escape') drop(false); });
document.addEventListener('dragstart', (e) => { if (e.target.closest?.('.tl')) e.preventDefault(); });

// A finger scrolls; one that rests for a moment takes up what is under it.
const REST = 350;
let press = 0, from = null;
document.addEventListener('touchstart', (e) => {
  clearTimeout(press);
  const el = e.target.closest?.('.tl-item');
  if (!movable(el) || e.touches.length > 1) return;
  from = { x: e.touches[0].clientX, y: e.touches[0].clientY };
  press = setTimeout(() => {
    takeUp(el, from.x, 20);
    el.classList.add('is-moving');
    navigator.vibrate?.(15);
    say(fill(words().sayFinger, here(el)));
  }, REST);
}, { passive: true });
document.addEventListener('touchmove', (e) => {
  const at = e.touches[0];
  if (!drag) {
    if (from && Math.hypot(at.clientX - from.x, at.clientY - from.y) > 10) clearTimeout(press);
    return;
  }
  e.preventDefault();
  const box = drag.el.closest('.scroll'), side = box.getBoundingClientRect();
  if (at.clientX > side.right - 28) box.scrollLeft += 14;
  else if (at.clientX < side.left + 110) box.scrollLeft -= 14;
  draw(at.clientX, at.clientY);
}, { passive: false });
document.addEventListener('touchend', (e) => { clearTimeout(press); if (drag) { e.preventDefault(); drop(true); } }, { passive: false });
document.addEventListener('touchcancel', () => { clearTimeout(press); drop(false); });
document.addEventListener('contextmenu', (e) => { if (drag && e.target.closest?.('.tl-item')) e.preventDefault(); });

// Free time: press where it shall begin, or draw from there until where it shall end.
let drawn = null;
const minuteAt = (free, x) => {
  const row = free.parentElement, by = step(free);
  const at = (x - left(row)) / row.clientWidth * minutes();
  return Math.max(start(free), start(free) + Math.floor((at - start(free)) / by) * by);
};
function book(free, first, last) {
  const url = new URL(free.href);
  const end = start(free) + length(free);
  url.searchParams.set('start', parts(first));
  url.searchParams.set('end', parts(Math.min(last, end)));
  location.assign(url);
}
document.addEventListener('pointerdown', (e) => {
  const free = e.target.closest?.('.tl-free');
  if (!free || e.button || e.pointerType === 'touch') return;
  drawn = { free, at: minuteAt(free, e.clientX), x: e.clientX, ghost: null };
  free.setPointerCapture(e.pointerId);
});
document.addEventListener('pointermove', (e) => {
  if (!drawn || Math.abs(e.clientX - drawn.x) < 6) return;
  const { free, at } = drawn;
  drawn.ghost ??= free.parentElement.appendChild(Object.assign(document.createElement('span'), { className: 'tl-ghost tl-at' }));
  const until = Math.min(start(free) + length(free), Math.max(at, minuteAt(free, e.clientX)) + step(free));
  drawn.until = until;
  place(drawn.ghost, at, until - at);
  drawn.ghost.textContent = `${clock(at)}–${clock(until)}`;
});
document.addEventListener('pointerup', () => {
  const done = drawn;
  drawn = null;
  if (!done?.ghost) return;
  done.ghost.remove();
  done.free.addEventListener('click', (click) => click.preventDefault(), { once: true, capture: true });
  book(done.free, done.at, done.until);
});
document.addEventListener('click', (e) => {
  const free = e.target.closest?.('.tl-free');
  if (!free || e.defaultPrevented || !e.detail || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  const at = minuteAt(free, e.clientX);
  book(free, at, at + 60);
});

// -- the present, every 15 s while somebody looks and nothing is in the hand ----------------------

const EVERY = 15000;
let etag = board()?.dataset.etag ?? '', timer = 0;
const idle = () => !drag && !held && !drawn && !busy && !board().querySelector('.is-refused');
async function ask() {
  const url = board()?.dataset.poll;
  if (!url || document.hidden || !idle()) return;
  try {
    const answer = await fetch(url, { headers: etag ? { 'If-None-Match': etag } : {}, cache: 'no-store' });
    if (answer.status === 200 && idle()) renew(answer.headers.get('ETag') ?? '', await answer.text());
  } catch { /* try again later */ }
  tick();
}
function renew(tag, text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const fresh = page.querySelector('[data-timeline]'), old = board();
  if (!fresh || !idle()) return;
  etag = tag;
  if (shape(fresh) === shape(old)) return;
  const focused = document.activeElement?.closest?.('.tl-item')?.dataset.id;
  old.replaceWith(document.adoptNode(fresh));
  const list = page.querySelector('[data-timeline-list]');
  if (list) document.querySelector('[data-timeline-list]')?.replaceWith(document.adoptNode(list));
  settle();
  if (focused) find(focused)?.focus();
  say(words().sayFresh);
}
const shape = (tl) => [...tl.querySelectorAll('.tl-item')].map((i) => [i.dataset.id, i.dataset.start, i.dataset.length, i.dataset.version, i.textContent.trim(), i.parentElement.dataset.roomId].join()).sort().join(';');
// The line of the present goes on by itself.
function tick() {
  const min = Math.floor((Date.now() - Date.parse(words().dayStart)) / 60000);
  if (min >= 0 && min < minutes()) for (const line of board().querySelectorAll('.tl-now')) place(line, min, 5);
}
function watch() {
  clearInterval(timer);
  if (!document.hidden) { ask(); timer = setInterval(ask, EVERY); }
}
// Free time is reached by arrows, so that Tab goes from booking to booking.
function settle() {
  for (const free of board().querySelectorAll('.tl-free')) free.tabIndex = -1;
  if (!board().querySelector('.tl-item')) { const one = board().querySelector('.tl-free'); if (one) one.tabIndex = 0; }
}
if (board()) settle();
if (board()?.dataset.poll) {
  document.addEventListener('visibilitychange', watch);
  window.addEventListener('focus', ask);
  timer = setInterval(ask, EVERY);
}

// Open on the present hour where the day does not fit.
const box = board()?.closest('.scroll');
const now = board()?.querySelector('.tl-now');
if (box && now && box.scrollWidth > box.clientWidth) box.scrollLeft = Math.max(0, now.offsetLeft - 24);
