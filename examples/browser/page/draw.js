// Canvases: planes with heat maps and points, and line charts.

export const colours = () => {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries(['paper', 'card', 'ink', 'quiet', 'line', 'accent', 'first', 'second', 'third'].map((name) => [name, of(name)]));
};

// At most `most + 1` round numbers between two ends.
export function ticks(low, high, most) {
  const least = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let index = Math.ceil(low / step - 1e-6); index * step <= high + 1e-6 * step; index++) {
    found.push([index * step, number(index * step, decimals)]);
  }
  return found;
}

// A number with so many decimals and a true minus sign.
export const number = (value, decimals) => (Object.is(value, -0) ? 0 : value).toFixed(decimals).replace('-', '−');

// A number with three or four significant digits.
export function short(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return size >= 10000 ? value.toLocaleString('en', { maximumFractionDigits: 0 }) : number(value, size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

// A context in CSS pixels, cleared.
function context(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { width, height } = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const on = canvas.getContext('2d');
  on.scale(ratio, ratio);
  on.font = '12px system-ui, "DejaVu Sans", sans-serif';
  return { on, width, height };
}

// The frame of a plot and its axes; maps of both axes to pixels.
function frame(on, width, height, [x, y], { xLabel, yLabel, room = 46, above = 0 }) {
  const { ink, quiet, line } = colours();
  const [top, bottom] = [8 + above, height - 36];
  const marks = ticks(...y, Math.max(2, Math.floor((bottom - top) / 40)));
  // Room for the numbers and, left of them, the label.
  const left = Math.max(room, 32 + Math.max(...marks.map(([, label]) => on.measureText(label).width)));
  const box = { left, top, right: width - 10, bottom };
  const px = (value) => box.left + (value - x[0]) / (x[1] - x[0]) * (box.right - box.left);
  const py = (value) => box.bottom - (value - y[0]) / (y[1] - y[0]) * (box.bottom - box.top);
  on.strokeStyle = line;
  on.fillStyle = quiet;
  on.lineWidth = 1;
  on.textAlign = 'center';
  on.textBaseline = 'top';
  for (const [value, label] of ticks(...x, Math.max(2, Math.floor((box.right - box.left) / 64)))) {
    on.beginPath(); on.moveTo(px(value), box.bottom); on.lineTo(px(value), box.bottom + 4); on.stroke();
    on.fillText(label, px(value), box.bottom + 6);
  }
  on.textAlign = 'right';
  on.textBaseline = 'middle';
  for (const [value, label] of marks) {
    on.beginPath(); on.moveTo(box.left - 4, py(value)); on.lineTo(box.left, py(value)); on.stroke();
    on.fillText(label, box.left - 7, py(value));
  }
  on.fillStyle = ink;
  on.textAlign = 'center';
  on.textBaseline = 'bottom';
  on.fillText(xLabel, (box.left + box.right) / 2, height - 1);
  on.save();
  on.translate(11, (box.top + box.bottom) / 2);
  on.rotate(-Math.PI / 2);
  on.textBaseline = 'middle';
  on.fillText(yLabel, 0, 0);
  on.restore();
  on.strokeRect(box.left + 0.5, box.top + 0.5, box.right - box.left, box.bottom - box.top);
  return { box, px, py };
}

// A plane: `image` is a heat map, `points` and `heldOut` are [xs, ys], `set` the intervals of a set at `cursor`.
export function drawPlane(canvas, { axes, image, points, heldOut, cursor, set, cross }) {
  const { on, width, height } = context(canvas);
  const [x, y] = axes.map((axis) => axis.range);
  const map = frame(on, width, height, [x, y], { xLabel: axes[0].label, yLabel: axes[1].label });
  const { box, px, py } = map;
  const { ink, second } = colours();
  on.save();
  on.beginPath();
  on.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  on.clip();
  if (image) {
    on.imageSmoothingEnabled = false;
    on.drawImage(image, box.left, box.top, box.right - box.left, box.bottom - box.top);
  }
  if (points) {
    const many = points[0].length > 400;
    on.fillStyle = ink;
    on.globalAlpha = many ? 0.5 : 0.85;
    const size = many ? 2 : 4;
    points[0].forEach((at, i) => on.fillRect(px(at) - size / 2, py(points[1][i]) - size / 2, size, size));
    on.globalAlpha = 1;
  }
  if (heldOut && heldOut[0].length <= 400) {
    on.strokeStyle = second;
    on.lineWidth = 1.5;
    heldOut[0].forEach((at, i) => { on.beginPath(); on.arc(px(at), py(heldOut[1][i]), 3.5, 0, 2 * Math.PI); on.stroke(); });
  }
  if (cursor !== null && cursor !== undefined) {
    const line = (dash, style, lineWidth) => {
      on.setLineDash(dash); on.strokeStyle = style; on.lineWidth = lineWidth;
      on.beginPath(); on.moveTo(px(cursor), box.top); on.lineTo(px(cursor), box.bottom); on.stroke();
      on.setLineDash([]);
    };
    if (image) line([], 'rgba(0,0,0,0.55)', 3);
    line([5, 4], image ? '#ffffff' : ink, 1.25);
    for (const [from, to] of set ?? []) {
      for (const [style, lineWidth] of [['#000000', 7], ['#ffffff', 4]]) {
        on.strokeStyle = style; on.lineWidth = lineWidth;
        on.beginPath(); on.moveTo(px(cursor), py(from)); on.lineTo(px(cursor), py(to)); on.stroke();
      }
    }
  }
  if (cross) {
    on.strokeStyle = second; on.lineWidth = 2;
    const [cx, cy] = [px(cross[0]), py(cross[1])];
    on.beginPath(); on.moveTo(cx - 9, cy); on.lineTo(cx + 9, cy); on.moveTo(cx, cy - 9); on.lineTo(cx, cy + 9); on.stroke();
  }
  on.restore();
  return {
    x: (pixel) => x[0] + (pixel - box.left) / (box.right - box.left) * (x[1] - x[0]),
    y: (pixel) => y[0] + (box.bottom - pixel) / (box.bottom - box.top) * (y[1] - y[0]),
  };
}

// A chart of series { label, x, y, dash, width, colour, fill }. `bars` are intervals below the curves,
// `marks` vertical lines { at, label, dash }.
export function drawChart(canvas, { series, xLabel, yLabel, x, y, bars = [], marks = [], empty }) {
  const { on, width, height } = context(canvas);
  const { quiet, ink } = colours();
  const shown = series.filter((one) => one.y.some(Number.isFinite));
  const all = shown.flatMap((one) => one.y.filter(Number.isFinite));
  if (all.length === 0) {
    on.fillStyle = quiet; on.textAlign = 'center'; on.textBaseline = 'middle';
    on.fillText(empty, width / 2, height / 2);
    return;
  }
  let [low, high] = y ?? [Math.min(...all), Math.max(...all)];
  if (!y) { const margin = 0.06 * (high - low) || 1; low -= margin; high += margin; }
  const xs = shown.flatMap((one) => [one.x[0], one.x.at(-1)]);
  let ends = x ?? [Math.min(...xs), Math.max(...xs)];
  if (ends[0] === ends[1]) ends = [ends[0] - 1, ends[1] + 1];
  const { box, px, py } = frame(on, width, height, [ends, [low, high]], { xLabel, yLabel, room: 52, above: 16 * shown.length });
  on.save();
  on.beginPath(); on.rect(box.left, box.top, box.right - box.left, box.bottom - box.top); on.clip();
  for (const one of shown) {
    const path = new Path2D();
    one.x.forEach((at, i) => { if (Number.isFinite(one.y[i])) path.lineTo(px(at), py(one.y[i])); });
    if (one.fill) {
      const area = new Path2D(path);
      area.lineTo(px(one.x.at(-1)), box.bottom); area.lineTo(px(one.x[0]), box.bottom);
      on.globalAlpha = 0.15; on.fillStyle = one.colour; on.fill(area); on.globalAlpha = 1;
    }
    on.setLineDash(one.dash ?? []); on.lineWidth = one.width ?? 2; on.strokeStyle = one.colour;
    on.stroke(path);
    if (one.x.length === 1) { on.fillStyle = one.colour; on.fillRect(px(one.x[0]) - 2, py(one.y[0]) - 2, 5, 5); }
  }
  on.setLineDash([]);
  for (const { intervals, colour, row } of bars) {
    on.strokeStyle = colour; on.lineWidth = 5;
    for (const [from, to] of intervals) {
      on.beginPath(); on.moveTo(px(from), box.bottom - 5 - 9 * row); on.lineTo(px(to), box.bottom - 5 - 9 * row); on.stroke();
    }
  }
  for (const { at, label, dash, colour, row } of marks) {
    on.setLineDash(dash); on.strokeStyle = colour; on.lineWidth = 1.25;
    on.beginPath(); on.moveTo(px(at), box.top + 14 * row + 14); on.lineTo(px(at), box.bottom); on.stroke();
    on.setLineDash([]);
    const right = px(at) > (box.left + box.right) / 2;
    on.fillStyle = ink; on.textBaseline = 'top'; on.textAlign = right ? 'right' : 'left';
    on.fillText(label, px(at) + (right ? -3 : 3), box.top + 14 * row + 2);
  }
  on.restore();
  legend(on, box, shown, ink);
}

// The key of the curves, above them.
function legend(on, box, series, ink) {
  on.textBaseline = 'middle'; on.textAlign = 'left';
  series.forEach((one, i) => {
    const y = 8 + 16 * i;
    on.setLineDash(one.dash ?? []); on.lineWidth = one.width ?? 2; on.strokeStyle = one.colour;
    on.beginPath(); on.moveTo(box.left, y); on.lineTo(box.left + 28, y); on.stroke();
    on.setLineDash([]); on.fillStyle = ink; on.fillText(one.label, box.left + 34, y);
  });
}
