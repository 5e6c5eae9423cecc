// The page: what is asked for, what the runs answer, and how both are shown.

import start from './module/ebm_browser.js';
import { showAnswers } from './answers.js';
import { short } from './draw.js';
import { archive, chosen, download, dropped } from './files.js';
import { showLosses } from './losses.js';
import { Planes } from './planes.js';
import { PlanFields, title } from './plans.js';
import { Runner } from './runner.js';
import { Source } from './source.js';

const at = (id) => document.getElementById(id);
const fields = [new PlanFields('a', 'ebm', () => reset()), new PlanFields('b', 'ebm_fixed', () => reset())];
const planes = new Planes(at('panels'), (x) => setX(x));
const source = new Source(() => reset(), () => drawn());

// A run: its worker, its plan, and what it told last. Workers are kept for the runs after it.
let runs = [];
const workers = [];
let opened = false;
let state = 'loading';
let askedX = 0;
let generation = 0;
// Whether Train was pressed while the runs were being prepared: leaving a field prepares them again.
let pressed = false;

const shared = () => Object.fromEntries(['m', 'seed', 'epochs'].map((id) => [id, at(id).valueAsNumber]));

function setState(next, text) {
  state = next;
  document.body.dataset.state = next;
  at('train').textContent = next === 'training' ? 'Pause' : runs.some(({ picture }) => picture?.progress?.epoch || picture?.progress?.step) && next !== 'done' ? 'Go on' : 'Train';
  at('train').disabled = opened || next === 'done' || next === 'broken';
  at('step').disabled = opened || next !== 'ready' && next !== 'paused';
  at('reset').disabled = opened;
  at('download-model').disabled = opened || next !== 'done';
  at('close').hidden = !opened;
  if (text !== undefined) at('status').textContent = text;
}

// Fresh runs with the settings of the page.
async function reset() {
  const mine = ++generation;
  runs = [];
  opened = false;
  setState('preparing');
  pressed = false;
  planes.pen = source.pen();
  at('digest').textContent = '';
  at('progress').value = 0;
  const plans = fields.slice(0, at('compare').checked ? 2 : 1).map((field) => field.plan(shared()));
  const wanted = await source.wanted().catch((error) => { source.say(error.message); return null; });
  if (mine !== generation) return;
  if (!wanted || source.kind === 'points' && wanted.x.length < 8) {
    setState('broken', wanted ? `${wanted.x.length} points: draw at least 8.` : 'Choose a file, or drop one on the page.');
    return showAll();
  }
  try {
    await begin(mine, plans.map((plan, index) => ({ name: title(plan), request: ['init', { data: wanted, plan }], index })));
    if (mine !== generation) return;
    setState('ready', 'Ready: press Train.');
    if (pressed) train();
  } catch (error) {
    if (mine === generation) fail(error.message);
  }
}

// Starts a worker for each run and shows its first answer.
async function begin(mine, wanted) {
  const made = wanted.map(({ name }) => ({ name, epochs: [], kl: null, digest: null, slice: null, picture: null, about: null, busy: false }));
  made.forEach((run, index) => {
    run.runner = workers[index] ??= new Runner();
    run.runner.on = (event, data) => mine === generation && heard(run, event, data);
  });
  runs = made;
  await Promise.all(made.map(async (run, index) => {
    const { about, truth, cells, picture } = await run.runner.ask(...wanted[index].request);
    Object.assign(run, { about, truth: truth && { values: truth, cells }, name: about.title ?? run.name });
    take(run, picture);
  }));
  if (mine !== generation) return;
  planes.axes = made[0].about.axes;
  const [low, high] = planes.axes[0].range;
  askedX = low + at('x').valueAsNumber * (high - low);
  showAll();
  ask();
}

function fail(message) {
  source.say(message);
  setState('broken', 'This cannot be trained on: see the message.');
  runs = [];
  showAll();
}

function take(run, picture) {
  run.epochs.push(...picture.epochs);
  run.picture = picture;
}

function heard(run, event, data) {
  if (event === 'fault') {
    // A module that has panicked cannot be used again.
    workers.splice(0).forEach((worker) => worker.end());
    setState('broken', data.message);
    return;
  }
  take(run, data.picture);
  if (event === 'finished') finish(run);
  tell();
  showAll();
  ask();
}

async function finish(run) {
  const { kl, digest } = await run.runner.ask('measure');
  Object.assign(run, { kl, digest });
  if (runs.every(({ digest }) => digest)) {
    const seconds = runs.map(({ picture }) => short(picture.seconds)).join(' s and ');
    setState('done', `Done: ${run.picture.progress.epochs} epochs in ${seconds} s.`);
    at('digest').textContent = `SHA-256 of the weights: ${runs.map(({ digest }) => digest).join(', ')}`;
  }
  showAll();
}

// Progress in words: epochs done, speed and time left of the slowest run.
function tell() {
  if (state !== 'training') return;
  const told = runs.map(({ picture: { progress, seconds } }) => {
    const done = progress.epoch + progress.step / progress.steps_per_epoch;
    const speed = done / ((performance.now() - runs.since) / 1000 + runs.before);
    return { done, speed, left: (progress.epochs - done) / speed, epochs: progress.epochs, seconds };
  });
  const slowest = told.reduce((a, b) => (a.done < b.done ? a : b));
  at('progress').value = slowest.done / slowest.epochs;
  at('status').textContent = `Epoch ${Math.floor(slowest.done)} of ${slowest.epochs}, ${slowest.speed.toFixed(1)} epochs/s, ${Math.ceil(slowest.left)} s left.`;
}

async function train() {
  if (state === 'training') {
    runs.before += (performance.now() - runs.since) / 1000;
    setState('pausing');
    await Promise.all(runs.map(async (run) => take(run, await run.runner.ask('pause'))));
    if (runs.some(({ picture }) => !picture.progress.finished)) setState('paused', paused());
    return showAll();
  }
  pressed = state === 'preparing';
  if (state !== 'ready' && state !== 'paused') return;
  runs.before ??= 0;
  runs.since = performance.now();
  setState('training', 'Training…');
  for (const run of runs) if (!run.picture.progress.finished) run.runner.ask('train');
}

const paused = () => `Paused after epoch ${runs[0].picture.progress.epoch} and ${runs[0].picture.progress.step} steps.`;

// One epoch of every run.
async function step() {
  if (state !== 'ready' && state !== 'paused') return;
  setState('pausing');
  await Promise.all(runs.map(async (run) => {
    const { progress } = run.picture;
    if (progress.finished) return;
    take(run, await run.runner.ask('step', { steps: progress.steps_per_epoch - progress.step }));
  }));
  if (runs.every(({ picture }) => picture.progress.finished)) await Promise.all(runs.map(finish));
  else setState('paused', paused());
  at('progress').value = runs[0].picture.progress.epoch / runs[0].picture.progress.epochs;
  showAll();
  ask();
}

// Panels, curves and answers from what the runs told last.
function showAll() {
  const about = runs[0]?.about;
  const drawing = source.kind === 'points' && !opened;
  const points = drawing ? [source.points.x, source.points.y] : about?.train;
  const panels = [];
  if (!opened || points?.[0].length) {
    const count = points?.[0].length ?? 0;
    const note = drawing ? `${count}, every fifth held out` : about?.held_out[0].length ? `${count}, and ${about.held_out[0].length} held out` : `${count}`;
    panels.push({ key: 'data', title: drawing ? 'Your points:' : 'Training data:', note, points, heldOut: drawing ? null : about?.held_out, cross: drawing ? source.cross : null });
  }
  if (drawing) planes.axes = [{ label: 'x', range: [-3, 3] }, { label: 'y', range: [-3, 3] }];
  runs.forEach((run, index) => {
    if (!run.picture) return;
    const { density, proposal, cells } = run.picture;
    const name = (text) => (runs.length > 1 ? `${'AB'[index]}: ${text}` : text);
    const kl = run.kl === null ? '' : `KL ${run.kl.toFixed(3)}`;
    panels.push({ key: `density-${index}`, title: name(run.name), note: kl, values: density, cells, set: run.slice?.set });
    if (proposal) panels.push({ key: `proposal-${index}`, title: name('its MDN proposal'), values: proposal, cells });
  });
  const truth = runs[0]?.truth;
  const panel = truth && { key: 'truth', title: 'Truth', values: truth.values, cells: truth.cells };
  // Beside the data when runs are compared, so that each run has a row.
  if (panel) panels.splice(runs.length > 1 ? 1 : panels.length, 0, panel);
  planes.cursor = runs.length ? askedX : null;
  planes.show(panels);
  showCurves();
  showSlices();
}

function showCurves() {
  const told = runs.filter(({ picture }) => picture);
  const numbers = told.map(({ name, epochs, kl, picture }) => ({ name, epochs, kl, seconds: picture.seconds }));
  showLosses([at('losses'), at('held-out')], at('numbers'), numbers, runs[0]?.about?.entropy ?? null);
}

function showSlices() {
  const told = runs.filter(({ slice }) => slice).map(({ name, slice }, index) => ({ name: runs.length > 1 ? `${'AB'[index]}: ${name}` : name, slice }));
  showAnswers(at('slice'), at('answers'), planes.axes[1].label, told);
  at('x-value').textContent = `${planes.axes[0].label} = ${short(askedX)}`;
}

function setX(x) {
  const [low, high] = planes.axes[0].range;
  askedX = x;
  at('x').value = (x - low) / (high - low);
  at('x').setAttribute('aria-valuetext', short(x));
  planes.cursor = runs.length ? x : null;
  planes.redraw();
  at('x-value').textContent = `${planes.axes[0].label} = ${short(x)}`;
  ask();
}

// Asks every run at the chosen x; while one is busy, only the last x counts.
function ask() {
  for (const run of runs) {
    if (run.busy || !run.picture) continue;
    run.busy = true;
    const x = askedX;
    run.runner.ask('slice', { x }).then((slice) => {
      run.busy = false;
      if (!runs.includes(run)) return;
      run.slice = slice;
      const panel = run === runs[0] ? 0 : 1;
      planes.mark(`density-${panel}`, slice.set);
      showSlices();
      if (askedX !== x) ask();
    }, (error) => { run.busy = false; console.error(error); });
  }
}

// Another point: the model is one of other data.
let redrawing = null;
function drawn() {
  clearTimeout(redrawing);
  redrawing = setTimeout(reset, 250);
  showAll();
}

async function open(files) {
  const mine = ++generation;
  setState('preparing');
  try {
    const bytes = await archive(files);
    opened = true;
    await begin(mine, [{ name: '', request: ['open', { archive: bytes }], index: 0 }]);
    planes.pen = null;
    source.say('');
    setState('opened', `Opened: ${runs[0].name}.`);
    showAll();
  } catch (error) {
    opened = false;
    source.say(error.message);
    setState('broken', 'The run cannot be opened: see the message under Data.');
    runs = [];
    showAll();
  }
}

async function downloadModel() {
  for (const [index, run] of runs.entries()) {
    const name = `ebm-run${runs.length > 1 ? `-${'ab'[index]}` : ''}`;
    download(`${name}.zip`, await run.runner.ask('archive', { folder: name }), 'application/zip');
  }
}

at('plans').append(...fields.map(({ element }) => element));
const showPlans = () => {
  const two = at('compare').checked;
  fields[1].element.hidden = !two;
  fields[0].heading.hidden = !two;
};
showPlans();
at('setup').addEventListener('submit', (event) => { event.preventDefault(); train(); });
at('step').addEventListener('click', step);
at('reset').addEventListener('click', reset);
at('compare').addEventListener('change', () => { showPlans(); reset(); });
for (const id of ['m', 'seed', 'epochs']) at(id).addEventListener('change', reset);
at('x').addEventListener('input', () => {
  const [low, high] = planes.axes[0].range;
  setX(low + at('x').valueAsNumber * (high - low));
});
at('download-model').addEventListener('click', downloadModel);
at('download-picture').addEventListener('click', () => {
  planes.picture().toBlob((blob) => download('ebm.png', blob, 'image/png'));
});
for (const id of ['open-files', 'open-folder']) at(id).addEventListener('change', () => at(id).files.length && open(chosen(at(id).files)));
at('close').addEventListener('click', reset);
for (const kind of ['dragenter', 'dragover']) document.addEventListener(kind, (event) => { event.preventDefault(); document.body.classList.add('over'); });
for (const kind of ['dragleave', 'drop']) document.addEventListener(kind, () => document.body.classList.remove('over'));
document.addEventListener('drop', async (event) => {
  event.preventDefault();
  const files = await dropped(event.dataTransfer);
  const isTable = files.length === 1 && /\.(csv|tsv|txt)$/i.test(files[0].path);
  if (isTable) source.take(files[0].file); else if (files.length) open(files);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => showAll());
addEventListener('resize', () => showAll());

await start({ module_or_path: new URL('module/ebm_browser_bg.wasm', import.meta.url) });
source.choose(at('data').value);
