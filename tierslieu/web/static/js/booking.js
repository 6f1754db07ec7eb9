// The booking form is checked as one types: the server answers with a piece of the page.
// The form has data-check-url; the answer goes into [data-check-target], which is aria-live.
for (const form of document.querySelectorAll('form[data-check-url]')) {
  const target = form.querySelector('[data-check-target]') ?? document.querySelector('[data-check-target]');
  if (!target) continue;
  let asking = null, timer = 0, last = '';

  const check = async () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const asked = new URLSearchParams(data).toString();
    if (asked === last) return;
    last = asked;
    asking?.abort();
    asking = new AbortController();
    target.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(form.dataset.checkUrl, {
        method: 'POST', body: new URLSearchParams(data), signal: asking.signal,
        headers: { 'X-Fragment': '1', 'X-CSRFToken': data.get('csrf_token') ?? '', Accept: 'text/html' },
      });
      // A page instead of a piece (signed out, broken): what is shown stays, sending the form will say it.
      const html = await answer.text();
      if (answer.status < 500 && !/^\s*<!doctype/i.test(html)) target.innerHTML = html;
    } catch (e) {
      if (e.name === 'AbortError') return;
      last = '';
    }
    target.removeAttribute('aria-busy');
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(check, 400); };
  form.addEventListener('input', soon);
  form.addEventListener('change', soon);

  // A nearest choice fills the fields it names; without its fields here the button sends the form as ever.
  form.addEventListener('click', (e) => {
    const button = e.target.closest('button[name="use"]');
    if (!button) return;
    const wanted = [...new URLSearchParams(button.value)];
    const fields = wanted.map(([name]) => form.elements.namedItem(name));
    if (!wanted.length || fields.some((f) => !f || !('value' in f))) return;
    e.preventDefault();
    wanted.forEach(([, value], i) => {
      fields[i].value = value;
      const box = fields[i] instanceof Element ? fields[i].closest('.has-error') : null;
      box?.classList.remove('has-error');
      if (fields[i] instanceof Element) { fields[i].removeAttribute('aria-invalid'); document.getElementById(`${fields[i].id}-error`)?.remove(); }
    });
    if (fields[0] instanceof HTMLElement) fields[0].focus();
    form.dispatchEvent(new Event('input', { bubbles: true }));
  });
}
