// What the journeys ask of a page in the browser. Evaluated by the fixture `enter`; each answers plain values.
window.journeys = {
  // Letters twice as large, whatever the page says.
  enlarge() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('html { font-size: 200% !important; }');
    document.adoptedStyleSheets = [sheet];
  },

  // By how many pixels the page is wider than the window.
  tooWide() {
    return Math.max(0, document.documentElement.scrollWidth - innerWidth);
  },

  // What has the focus, whether that is drawn, and whether it stands in the window.
  focus() {
    const el = document.activeElement;
    const box = el.getBoundingClientRect();
    const around = el.closest('label, .choice, .switch') ?? el;
    const drawn = [el, around].map((each) => getComputedStyle(each)).some((style) =>
      (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none');
    const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return { tag: el.tagName, name: el.name ?? '', text: (el.innerText ?? '').trim(), drawn, seen };
  },

  // What a finger would miss: under 24 pixels, and neither in a sentence nor on a card that is a link as a whole.
  small() {
    return [...document.querySelectorAll('main :is(a, button, input, select), header a')]
      .filter((el) => el.checkVisibility() && !el.matches('.skip, [type=hidden]'))
      .filter((el) => !el.closest('p, .secret, svg, .live, .vh, .poster'))
      .map((el) => [el, (el.closest('label') ?? el).getBoundingClientRect()])
      .filter(([, box]) => box.width && (box.height < 24 || box.width < 24))
      .map(([el, box]) => `${el.tagName} ${(el.innerText || el.name || '').trim()} ${box.width}×${box.height}`);
  },

  // Words of which a part is hidden by their own box, though nothing says that it can be scrolled.
  cut() {
    const read = (el) => { for (let e = el; e; e = e.parentElement) if (getComputedStyle(e).clipPath !== 'none') return true; return false; };
    return [...document.querySelectorAll(':is(main, header, footer) *')]
      .filter((el) => el.checkVisibility() && [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .filter((el) => !read(el) && !el.closest('.vh, .scroll, svg, .skip, .live, [aria-hidden=true], select, textarea'))
      .filter((el) => !['visible', 'auto', 'scroll'].includes(getComputedStyle(el).overflowX))
      .filter((el) => el.scrollWidth > el.clientWidth + 1 || el.scrollHeight > el.clientHeight + 1)
      .map((el) => `${el.tagName}.${el.className}: ${el.innerText.slice(0, 60)}`);
  },

  // What axe-core finds of the elements with words whose kind of place is not among the known ones; and all kinds now known.
  // A kind is the tags, classes and states from the body down: colours follow from nothing else.
  async colours(options, known) {
    const plain = /^(id|name|for|href|src|value|title|alt|action|datetime|content|aria-label|aria-labelledby|aria-describedby|aria-controls|data-(?!accent$).*)$/;
    const place = (el) => {
      const own = [...el.attributes].filter(({ name }) => !plain.test(name)).map(({ name, value }) => `${name}=${value}`).sort();
      return `${el.parentElement ? place(el.parentElement) : ''}>${el.tagName}[${own}]`;
    };
    const seen = new Set(known);
    const fresh = [...document.body.querySelectorAll('*')].filter((el) => {
      const worded = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || el.matches('input, select, textarea');
      const kind = worded && el.checkVisibility() && place(el);
      return kind && !seen.has(kind) && seen.add(kind);
    });
    const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark ' : '';
    const barriers = fresh.length ? await journeys.barriers(options, { include: fresh }) : [];
    return { barriers: barriers.map((each) => dark + each), known: [...seen] };
  },

  // What axe-core finds, one line a place.
  async barriers(options, within = document) {
    const found = (await axe.run(within, options)).violations;
    const why = (node) => (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? '';
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${why(node)}`));
  },
};
