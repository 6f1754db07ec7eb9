// The street map, fetched only when asked for. Without it the sketch and the list remain.
const box = document.querySelector('[data-map]');
const opener = document.querySelector('[data-map-open]');

function load(tag, attributes) {
  return new Promise((done, fail) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.addEventListener('load', done);
    node.addEventListener('error', fail);
    document.head.append(node);
  });
}

async function open() {
  opener.disabled = true;
  try {
    await Promise.all([
      load('link', { rel: 'stylesheet', href: box.dataset.leafletCss }),
      load('script', { src: box.dataset.leafletJs }),
    ]);
  } catch { opener.hidden = true; return; }
  const L = window.L;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  box.hidden = false;
  box.parentElement.querySelector('svg').remove();
  const map = L.map(box, { zoomAnimation: !still, fadeAnimation: !still, scrollWheelZoom: false });
  L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution, maxZoom: 19 }).addTo(map);
  const points = [];
  for (const link of document.querySelectorAll('.venues [data-lat]')) {
    const at = [+link.dataset.lat, +link.dataset.lon];
    const pin = document.createElement('span');
    pin.className = `map-pin${link.closest('.open') ? ' open' : ''}`;
    pin.dataset.place = link.dataset.place;
    pin.textContent = link.querySelector('.n').textContent;
    const name = link.querySelector('.name').textContent;
    const marker = L.marker(at, { icon: L.divIcon({ html: pin, className: '', iconSize: [30, 30] }), title: name, alt: name, keyboard: true });
    const words = document.createElement('a');
    words.href = link.href;
    words.textContent = name;
    marker.bindPopup(words).addTo(map);
    points.push(at);
  }
  if (points.length) map.fitBounds(points, { padding: [24, 24] });
  opener.hidden = true;
  document.querySelector('[data-map-note]')?.remove();
  box.focus();
}

if (box && opener) {
  opener.hidden = false;
  opener.addEventListener('click', open, { once: true });
}
