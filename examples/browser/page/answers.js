// The slice at one x: the densities as curves, and what the models say as text.

import { colours, drawChart, short } from './draw.js';

const DASHES = [[], [7, 4]];

// `slices` are { name, slice } of each run.
export function showAnswers(canvas, list, label, slices) {
  const { first, second, third, quiet } = colours();
  const series = [];
  slices.forEach(({ name, slice }, run) => {
    series.push({ label: name, x: slice.y, y: slice.density, colour: run ? second : first, dash: DASHES[run], width: 2.5, fill: run === 0 });
    if (slice.proposal) series.push({ label: slices.length > 1 ? `proposal ${'AB'[run]}` : 'proposal', x: slice.y, y: slice.proposal, colour: run ? second : first, dash: [2, 3], width: 1.5 });
  });
  const truth = slices[0]?.slice.truth;
  if (truth) series.push({ label: 'truth', x: slices[0].slice.y, y: truth, colour: third, dash: [10, 3, 2, 3], width: 1.25 });
  const top = Math.max(1e-12, ...series.flatMap((one) => one.y));
  const marks = slices.length === 1
    ? [{ at: slices[0].slice.mean, label: 'mean', dash: [1, 3], colour: quiet, row: 0 }, { at: median(slices[0].slice), label: 'median', dash: [4, 3], colour: quiet, row: 1 }]
    : [];
  const bars = slices.map(({ slice }, run) => ({ intervals: slice.set, colour: run ? second : first, row: run }));
  const y = slices[0]?.slice.y;
  drawChart(canvas, {
    series, bars, marks, xLabel: label, yLabel: 'density', y: [0, 1.35 * top],
    x: y && [y[0], y.at(-1)], empty: 'Train a model first',
  });
  list.replaceChildren(...slices.map(({ name, slice }) => answer(name, slice, slices.length > 1)));
}

const median = (slice) => slice.quantiles.find(([level]) => level === 0.5)[1];

function answer(name, slice, named) {
  const element = document.createElement('div');
  element.className = 'answer';
  if (named) element.append(Object.assign(document.createElement('h3'), { textContent: name }));
  if (slice.doubts.length) {
    const doubt = Object.assign(document.createElement('p'), { className: 'doubt' });
    doubt.append(Object.assign(document.createElement('strong'), { textContent: '⚠ Cannot be trusted here' }), `${slice.doubts.join('; ')}.`);
    element.append(doubt);
  }
  const set = slice.set.map(([from, to]) => `${short(from)} to ${short(to)}`).join(', or ');
  const level = `${Math.round(100 * slice.level)} % set${slice.calibrated ? ', calibrated' : ''}`;
  const rows = [
    [level, set], ['mean ± sd', `${short(slice.mean)} ± ${short(slice.sd)}`], ['most likely', short(slice.mode)],
    ...slice.quantiles.map(([p, value]) => [p === 0.5 ? 'median' : `${Math.round(100 * p)} % quantile`, short(value)]),
  ];
  if (slice.ess_share !== null) rows.push(['effective samples', `${(100 * slice.ess_share).toFixed(0)} % of the candidates`]);
  if (slice.distance !== null) rows.push(['distance to the data', `${slice.distance.toFixed(2)} of the largest within them`]);
  const entries = document.createElement('dl');
  for (const [term, value] of rows) {
    entries.append(Object.assign(document.createElement('dt'), { textContent: term }), Object.assign(document.createElement('dd'), { textContent: value }));
  }
  element.append(entries);
  return element;
}
