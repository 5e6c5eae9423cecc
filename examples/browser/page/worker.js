// One run in a worker: training never blocks the page.

import start, { Run } from './module/ebm_browser.js';

// Milliseconds of training between looks at the mailbox, and between pictures.
const SLICE = 60;
const PICTURE = 250;
// Cells of a picture along either axis: while training, and at rest.
const MOVING = 100;
const AT_REST = 220;
const SLICE_CELLS = 360;
const LEVEL = 0.9;

let run = null;
let training = false;
let seconds = 0;
let stepMs = 4;
let told = 0;
let pictured = 0;
const channel = new MessageChannel();
const ready = start({ module_or_path: new URL('module/ebm_browser_bg.wasm', import.meta.url) });

const requests = {
  async init({ data, plan }) {
    await ready;
    release();
    run = new Run(JSON.stringify(data), JSON.stringify(plan));
    return { about: JSON.parse(run.about()), truth: run.truth(AT_REST, AT_REST), cells: AT_REST, picture: picture(AT_REST) };
  },
  async open({ archive }) {
    await ready;
    const opened = Run.open(archive);
    release();
    run = opened;
    return { about: JSON.parse(run.about()), truth: run.truth(AT_REST, AT_REST), cells: AT_REST, picture: picture(AT_REST) };
  },
  train() {
    if (!training) {
      training = true;
      pictured = performance.now();
      channel.port2.postMessage(null);
    }
  },
  pause() {
    training = false;
    return picture(AT_REST);
  },
  step({ steps }) {
    advance(steps);
    return picture(AT_REST);
  },
  slice: ({ x }) => JSON.parse(run.slice(x, LEVEL, SLICE_CELLS)),
  measure: () => ({ kl: run.kl() ?? null, digest: run.digest() ?? null }),
  archive: ({ folder }) => run.archive(folder, seconds),
};

function release() {
  training = false;
  run?.free();
  run = null;
  seconds = 0;
  told = 0;
}

function advance(steps) {
  const before = performance.now();
  try {
    run.advance(steps);
  } finally {
    const spent = performance.now() - before;
    seconds += spent / 1000;
    // Slowly, so that one slow slice changes little.
    stepMs = 0.7 * stepMs + 0.3 * Math.max(spent / steps, 0.02);
  }
}

// The run as it is now, and the epochs that were not told yet.
function picture(cells) {
  const epochs = JSON.parse(run.epochs(told));
  told += epochs.length;
  return {
    progress: JSON.parse(run.progress()), seconds, epochs, cells,
    density: run.density(cells, cells), proposal: run.proposal(cells, cells) ?? null,
  };
}

channel.port1.onmessage = () => {
  if (!training) return;
  try {
    advance(Math.max(1, Math.round(SLICE / stepMs)));
    const progress = JSON.parse(run.progress());
    if (progress.finished) {
      training = false;
      postMessage({ event: 'finished', picture: picture(AT_REST) });
    } else {
      if (performance.now() - pictured > PICTURE) {
        postMessage({ event: 'picture', picture: picture(MOVING) });
        pictured = performance.now();
      }
      channel.port2.postMessage(null);
    }
  } catch (error) {
    training = false;
    postMessage({ event: 'fault', message: error.message ?? String(error) });
  }
};

onmessage = async ({ data: { id, name, content } }) => {
  try {
    postMessage({ id, value: await requests[name](content ?? {}) });
  } catch (error) {
    postMessage({ id, fault: error.message ?? String(error) });
  }
};
