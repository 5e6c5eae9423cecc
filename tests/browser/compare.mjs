// The page beside the program with one thread: bytes, divergence from the truth, and time, for three seeds and the four
// methods. Prints docs/results/browser.md: `.ci/browser compare > docs/results/browser.md`.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpack } from './archive.mjs';
import { download, numberAt, open, serve, settings, train } from './page.mjs';
import { ebm } from './program.mjs';

const SEEDS = [0, 1, 2];
const METHODS = [
  ['energy with learned proposal', 'toy_1/ours_k4', { 'method-a': 'ebm', 'components-a': 4 }],
  ['energy with fixed noise', 'toy_1/nce_0.1', { 'method-a': 'ebm_fixed', 'sigma-a': 0.1 }],
  ['mixture density network', 'toy_1/mdn_k4', { 'method-a': 'mdn', 'components-a': 4 }],
  ['MDN with energy teacher', 'toy_1/mdn_teacher_k4', { 'method-a': 'mdn_teacher', 'components-a': 4 }],
];

const scratch = await mkdtemp(join(tmpdir(), 'ebm-compare-'));
const server = await serve(process.argv.slice(2), process.stderr);

// The tensors of a safetensors file: all numbers in the order of their names.
async function weights(path) {
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
  const names = Object.keys(header).filter((name) => name !== '__metadata__').sort();
  const numbers = names.flatMap((name) => {
    const [from, to] = header[name].data_offsets;
    return Array.from({ length: (to - from) / 4 }, (_, i) => bytes.readFloatLE(8 + length + from + 4 * i));
  });
  return { sha256: createHash('sha256').update(bytes).digest('hex'), numbers };
}

async function inPage(page, name, fields, seed, epochs) {
  await settings(page, { ...fields, seed, epochs });
  await train(page);
  const folder = join(scratch, name, 'page');
  await unpack(await download(page, '#download-model'), folder);
  return { kl: await numberAt(page, 'kl-a'), seconds: await numberAt(page, 'seconds-a'), ...await weights(join(folder, 'ebm-run/model.safetensors')) };
}

async function byProgram(name, preset, seed, epochs) {
  const run = join(scratch, name, 'program');
  await ebm(['train', '--preset', preset, '--seed', seed, '--epochs', epochs, '--threads', '1', '--out', run, '--quiet'].map(String));
  const { stdout } = await ebm(['evaluate', run, '--json']);
  const record = JSON.parse(await readFile(join(run, 'run.json')));
  return { kl: JSON.parse(stdout).metrics.kl, seconds: record.train_seconds, ...await weights(join(run, 'model.safetensors')) };
}

const farthest = (a, b) => Math.max(...a.numbers.map((value, i) => Math.abs(value - b.numbers[i])));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const rows = [];
const times = [];
const { page, close } = await open(server.url);
for (const [label, preset, fields] of METHODS) {
  const seconds = [[], []];
  for (const seed of SEEDS) {
    const name = `${preset.replace('/', '-')}-${seed}`;
    const early = [await inPage(page, `${name}-1`, fields, seed, 1), await byProgram(`${name}-1`, preset, seed, 1)];
    const late = [await inPage(page, name, fields, seed, 75), await byProgram(name, preset, seed, 75)];
    late.forEach((one, i) => seconds[i].push(one.seconds));
    const same = late[0].sha256 === late[1].sha256 ? 'same' : 'differ';
    rows.push(`| ${label} | ${seed} | ${same} | ${farthest(...early).toExponential(1)} | ${farthest(...late).toExponential(1)} | ${late[0].kl.toFixed(4)} | ${late[1].kl.toFixed(4)} |`);
    process.stderr.write(`${rows.at(-1)}\n`);
  }
  const [ours, theirs] = seconds.map(median);
  times.push(`| ${label} | ${ours.toFixed(1)} | ${theirs.toFixed(1)} | ${(ours / theirs).toFixed(1)} |`);
}
await close();
server.end();
await rm(scratch, { recursive: true, force: true });

const git = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12']).toString().trim();
const browser = execFileSync(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
console.log(`# The page beside the program

Printed by \`.ci/browser compare\`, revision ${git}. ${browser.replace(/ built.*/, '')}, headless, and \`ebm\` with one thread, in
turns on ${cpus()[0].model}, ${cpus().length} cores. The paper's first task, 75 epochs, M = 1024.

## Numbers
| method | seed | bytes of the weights | largest difference of a weight after 1 epoch | after 75 | KL, page | KL, program |
|---|---|---|---|---|---|---|
${rows.join('\n')}

KL is the divergence from the true density in nats, as \`ebm evaluate\` prints it.

The bytes differ. The random numbers are the same and so is every operation, but sums are not added in the same order:
the kernels hold 4 numbers in a vector in a browser, 8 or 16 in the program. A browser's vectors also have no fused
multiply-add, which rounds once where two operations round twice. The program's own bytes differ between AVX2 and AVX-512
for the first reason. Rounding grows during training, because Adam divides small gradients by their own size: after 75
epochs the weights are those of another run of the same method, and KL differs as it does between seeds.

## Time
| method | page, s | program, one thread, s | ratio |
|---|---|---|---|
${times.join('\n')}

Medians of the three seeds: seconds of training steps, without pictures, validation and evaluation in the program; with
validation in the page.`);
