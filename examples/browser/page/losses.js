// The losses of each epoch as curves, and the last of them as numbers.

import { colours, drawChart, number } from './draw.js';

const NAMES = { nce: 'energy (NCE)', proposal_kl: 'proposal (KL)', nll: 'NLL', importance_nll: 'energy (NLL)' };
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

// `runs` are { name, epochs, kl, seconds } of each run; `entropy` that of the truth.
export function showLosses([training, heldOut], table, runs, entropy) {
  const { first, second, third } = colours();
  const prefix = (run) => (runs.length > 1 ? `${'AB'[run]}: ` : '');
  const losses = runs.flatMap(({ epochs }, run) => (epochs[0]?.losses ?? []).map(([name], index) => ({
    label: prefix(run) + (NAMES[name] ?? name.replaceAll('_', ' ')), x: epochs.map(({ epoch }) => epoch),
    y: epochs.map((epoch) => epoch.losses[index][1] ?? NaN), colour: run ? second : first, dash: DASHES[index % 4],
  })));
  drawChart(training, { series: losses, xLabel: 'epoch', yLabel: 'training loss, nats', empty: 'No epoch is done yet' });
  const followed = runs.map(({ name, epochs }, run) => ({
    label: runs.length > 1 ? `${prefix(run)}${name}` : 'held-out NLL', x: epochs.map(({ epoch }) => epoch),
    y: epochs.map((epoch) => epoch.held_out ?? NaN), colour: run ? second : first, dash: DASHES[run],
  })).filter(({ x }) => x.length > 0);
  if (entropy !== null && followed.length) {
    const ends = [1, Math.max(2, ...followed.map(({ x }) => x.at(-1)))];
    followed.push({ label: 'entropy of the truth', x: ends, y: [entropy, entropy], colour: third, dash: DASHES[3], width: 1.25 });
  }
  drawChart(heldOut, { series: followed, xLabel: 'epoch', yLabel: 'held-out NLL, nats', empty: 'No held-out NLL yet' });
  table.tHead.innerHTML = '<tr><th scope="col">run</th><th scope="col">held-out NLL</th><th scope="col">KL from the truth</th><th scope="col">training</th></tr>';
  table.tBodies[0].replaceChildren(...runs.map(({ name, epochs, kl, seconds }, run) => {
    const row = document.createElement('tr');
    const cell = (content, id) => row.append(Object.assign(document.createElement('td'), { textContent: content, id }));
    row.append(Object.assign(document.createElement('th'), { textContent: prefix(run) + name, scope: 'row' }));
    cell(decimals(epochs.at(-1)?.held_out), `nll-${'ab'[run]}`);
    cell(decimals(kl), `kl-${'ab'[run]}`);
    cell(seconds ? `${number(seconds, 1)} s` : '–', `seconds-${'ab'[run]}`);
    return row;
  }));
}

const decimals = (value) => (Number.isFinite(value) ? number(value, 4) : '–');
