// Small things that make every page better. Without this file every page still works.
// Words come from the page (data-…), never from here. Modules import nothing, so each is cached by its own address.
const $ = (s, r = document) => r.querySelector(s);
const $$ = (s, r = document) => [...r.querySelectorAll(s)];

// Light, dark: one button that says what it will do.
for (const b of $$('[data-theme-switch]')) {
  b.hidden = false;
  const dark = () => (document.documentElement.dataset.theme
    ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const label = () => { $('span', b).textContent = dark() ? b.dataset.toLight : b.dataset.toDark; };
  label();
  b.addEventListener('click', () => {
    const next = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try { localStorage.setItem('theme', next); } catch { /* for this page only */ }
    label();
  });
}

// The day in words beside a native date field.
for (const input of $$('input[data-weekday]')) {
  const out = document.getElementById(input.dataset.weekday);
  const say = () => {
    if (!out || !input.valueAsDate) return;
    out.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'long', timeZone: 'UTC' }).format(input.valueAsDate);
  };
  input.addEventListener('input', say);
  say();
}

// Map and list: pointing at one lights the other.
document.addEventListener('pointerover', (e) => light(e.target));
document.addEventListener('focusin', (e) => light(e.target));
function light(target) {
  const place = target.closest?.('[data-place]')?.dataset.place;
  for (const lit of $$('.is-lit[data-place]')) if (lit.dataset.place !== place) lit.classList.remove('is-lit');
  if (place) for (const twin of $$(`[data-place="${CSS.escape(place)}"]`)) twin.classList.add('is-lit');
}

// A link to a dialog's page becomes the dialog.
document.addEventListener('click', (e) => {
  const opener = e.target.closest('[data-dialog]');
  const box = opener && document.getElementById(opener.dataset.dialog);
  if (box?.showModal && !e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); box.showModal(); }
  const closer = e.target.closest('dialog [data-close]');
  if (closer) { e.preventDefault(); closer.closest('dialog').close(); }
  if (e.target instanceof HTMLDialogElement) e.target.close();
  for (const menu of $$('.menu[open]')) if (!menu.contains(e.target)) menu.open = false;
});
document.addEventListener('keydown', (e) => {
  const menu = e.key === 'Escape' && e.target.closest('.menu[open]');
  if (menu) { menu.open = false; $('summary', menu).focus(); }
});

// What was just done floats at the foot of the page; it stays while it is pointed at or holds the focus.
for (const toast of $$('[data-toast]')) {
  toast.classList.add('floating');
  const leave = () => { if (toast.matches(':hover, :focus-within')) setTimeout(leave, 4000); else toast.remove(); };
  setTimeout(leave, 20000);
}

// Copy an address; the button says so.
for (const b of $$('[data-copy]')) {
  if (!navigator.clipboard) continue;
  b.hidden = false;
  b.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(b.dataset.copy); $('span', b).textContent = b.dataset.done; } catch { /* select it by hand */ }
  });
}

for (const b of $$('[data-print]')) { b.hidden = false; b.addEventListener('click', () => window.print()); }

// A refused form: its summary is read first.
$('[data-focus]')?.focus();

// Nothing typed is lost by a slip: leaving a changed form asks once. Sending twice sends once.
for (const form of $$('form[data-guard]')) {
  let changed = false, sent = false;
  form.addEventListener('input', () => { changed = true; });
  form.addEventListener('submit', (e) => {
    if (sent) { e.preventDefault(); return; }
    sent = true;
    setTimeout(() => { sent = false; }, 8000);
  });
  addEventListener('beforeunload', (e) => { if (changed && !sent) e.preventDefault(); });
  addEventListener('pageshow', () => { sent = false; });
}

// A filter that is a list of choices applies itself.
for (const select of $$('form[data-auto] select')) select.addEventListener('change', () => select.form.requestSubmit());

// Long work: asks again until it is over, only while somebody looks.
for (const box of $$('.progress[data-poll]')) {
  const ask = async () => {
    if (document.visibilityState === 'visible') {
      try {
        const answer = await fetch(box.dataset.poll, { headers: { Accept: 'text/html' } });
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById($('progress', box).id);
          if (!fresh) { location.reload(); return; }
          const bar = $('progress', box);
          if (fresh.hasAttribute('value')) { bar.max = fresh.max; bar.value = fresh.value; }
          $('label', box).textContent = fresh.closest('.progress').querySelector('label').textContent;
        }
      } catch { /* try again later */ }
    }
    setTimeout(ask, 3000);
  };
  setTimeout(ask, 3000);
}

// A tab or a long bar opens where the current item is.
for (const current of $$('.desk-bar [aria-current], .tabs [aria-current]')) {
  const box = current.closest('.scroller, .tabs');
  if (box.scrollWidth > box.clientWidth) box.scrollLeft = Math.max(0, current.offsetLeft - box.clientWidth / 3);
}
