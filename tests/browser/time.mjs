// The 75 epochs of the paper's first task in the page, seed 0, as a program of `cargo xtask bench`: the last line is its
// result. `.ci/browser time`.

import { execFileSync } from 'node:child_process';
import { numberAt, open, serve, settings, train } from './page.mjs';

const server = await serve(process.argv.slice(2), process.stderr);
const { page, close } = await open(server.url);
await settings(page, { 'method-a': 'ebm', 'components-a': 4, seed: 0, epochs: 75 });
await train(page);
const seconds = await numberAt(page, 'seconds-a');
await close();
server.end();
const browser = execFileSync(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
const version = browser.toString().trim().replace(/ built.*/, '');
console.log(JSON.stringify({ median_ms: 1000 * seconds, version }));
