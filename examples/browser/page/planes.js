// The panels of the figure: training data, densities, proposals, the truth. One colour scale for all.

import { colour_top, paint } from './module/ebm_browser.js';
import { drawPlane, number } from './draw.js';

export class Planes {
  #panels = new Map();
  #root;

  // `at(x)` hears where the visitor points; `pen` of the first panel is null or { down, move }.
  constructor(root, at) {
    this.#root = root;
    this.at = at;
    this.pen = null;
    this.cursor = null;
    this.axes = [{ label: 'x', range: [-3, 3] }, { label: 'y', range: [-3, 3] }];
  }

  // The panels by key: { title, note, values, cells, points, heldOut, set, cross }; in this order.
  show(panels) {
    for (const [key, { figure }] of this.#panels) {
      if (!panels.some((panel) => panel.key === key)) { figure.remove(); this.#panels.delete(key); }
    }
    panels.forEach((panel, index) => {
      const kept = this.#panels.get(panel.key) ?? this.#make(panel.key);
      kept.caption.firstChild.data = panel.title;
      kept.caption.lastChild.textContent = panel.note ? ` ${panel.note}` : '';
      kept.canvas.setAttribute('aria-label', `${panel.title} ${panel.note ?? ''}`);
      kept.panel = panel;
      if (this.#root.children[index] !== kept.figure) this.#root.insertBefore(kept.figure, this.#root.children[index] ?? null);
    });
    this.#scale();
    this.redraw();
  }

  #make(key) {
    const figure = document.createElement('figure');
    figure.dataset.panel = key;
    const caption = document.createElement('figcaption');
    caption.append('', document.createElement('small'));
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    figure.append(caption, canvas);
    const made = { figure, caption, canvas, map: null, panel: null, image: null };
    const place = (event) => {
      const { left, top } = canvas.getBoundingClientRect();
      return made.map && [made.map.x(event.clientX - left), made.map.y(event.clientY - top)];
    };
    canvas.addEventListener('pointermove', (event) => {
      const point = place(event);
      if (!point) return;
      if (key === 'data' && this.pen && event.buttons) this.pen.move(point);
      else this.at(point[0]);
    });
    canvas.addEventListener('pointerdown', (event) => {
      const point = place(event);
      if (!point) return;
      if (key === 'data' && this.pen) { canvas.setPointerCapture(event.pointerId); this.pen.down(point); }
      else this.at(point[0]);
    });
    canvas.addEventListener('keydown', (event) => { if (key === 'data' && this.pen?.key(event)) event.preventDefault(); });
    this.#panels.set(key, made);
    return made;
  }

  // One scale for all heat maps, and their pixels.
  #scale() {
    const maps = [...this.#panels.values()].filter(({ panel }) => panel.values);
    const all = new Float32Array(maps.reduce((sum, { panel }) => sum + panel.values.length, 0));
    let start = 0;
    for (const { panel } of maps) { all.set(panel.values, start); start += panel.values.length; }
    const [top, saturates] = maps.length ? colour_top(all) : [1, 0];
    for (const made of this.#panels.values()) {
      made.image = made.panel.values ? bitmap(made.panel.values, made.panel.cells, top) : null;
    }
    const digits = Math.max(0, 1 - Math.floor(Math.log10(top)));
    document.getElementById('bar-top').textContent = (saturates ? '≥ ' : '') + number(top, digits);
    document.getElementById('bar').hidden = maps.length === 0;
    colourBar(document.getElementById('bar-colours'));
  }

  // The set at the cursor of one panel.
  mark(key, set) {
    const made = this.#panels.get(key);
    if (made) made.panel.set = set;
    this.redraw();
  }

  redraw() {
    for (const [key, made] of this.#panels) {
      const { panel, figure, canvas, image } = made;
      figure.classList.toggle('draw', key === 'data' && this.pen !== null);
      if (key === 'data' && this.pen) canvas.tabIndex = 0; else canvas.removeAttribute('tabindex');
      made.map = drawPlane(canvas, { ...panel, axes: this.axes, image, cursor: this.cursor });
    }
  }

  // All panels in one picture.
  picture() {
    const canvases = [...this.#panels.values()];
    const columns = Math.min(2, canvases.length);
    const { width, height } = canvases[0].canvas;
    const heading = Math.round(height * 0.1);
    const whole = document.createElement('canvas');
    whole.width = columns * width;
    whole.height = Math.ceil(canvases.length / columns) * (height + heading);
    const on = whole.getContext('2d');
    const style = getComputedStyle(document.documentElement);
    on.fillStyle = style.getPropertyValue('--card');
    on.fillRect(0, 0, whole.width, whole.height);
    on.fillStyle = style.getPropertyValue('--ink');
    on.font = `${Math.round(heading * 0.5)}px system-ui, "DejaVu Sans", sans-serif`;
    on.textBaseline = 'middle';
    canvases.forEach(({ canvas, caption }, index) => {
      const [left, top] = [index % columns * width, Math.floor(index / columns) * (height + heading)];
      on.fillText(caption.textContent, left + heading * 0.3, top + heading / 2);
      on.drawImage(canvas, left, top + heading);
    });
    return whole;
  }
}

function bitmap(values, cells, top) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = cells;
  const pixels = new Uint8ClampedArray(paint(values, cells, cells, top));
  canvas.getContext('2d').putImageData(new ImageData(pixels, cells, cells), 0, 0);
  return canvas;
}

function colourBar(canvas) {
  const shares = Float32Array.from({ length: 255 }, (_, i) => Math.log(i / 254));
  const pixels = new Uint8ClampedArray(paint(shares, 255, 1, 1));
  canvas.getContext('2d').putImageData(new ImageData(pixels, 255, 1), 0, 0);
}
