// A page of `cargo xtask web --serve` in headless Chromium. Any host but the loopback address is refused, and what
// the console reports as an error ends the test.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { spawn } from 'node:child_process';

const LOOPBACK = '127.0.0.1';
// Milliseconds that anything may take.
export const PATIENCE = Number(process.env.PATIENCE ?? 180_000);

// playwright-core lies outside the clone: the folder it was installed in is in PLAYWRIGHT.
const { chromium } = createRequire(join(process.env.PLAYWRIGHT ?? process.cwd(), 'package.json'))('playwright-core');

// Starts the server; its address, and how to end it.
export async function serve(command, log = process.stdout) {
  const [program, ...args] = command;
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const address = new Promise((found, lost) => {
    let text = '';
    server.stdout.on('data', (some) => {
      log.write(some);
      text += some;
      const [url] = text.match(/http:\/\/127\.0\.0\.1:\d+\//) ?? [];
      if (url) found(url);
    });
    server.on('exit', (code) => lost(new Error(`${program} ended with ${code}`)));
  });
  return { url: await address, end: () => process.kill(-server.pid) };
}

const opened = new Set();

// Closes what a test that failed left open.
export async function closeAll() {
  await Promise.all([...opened].map((browser) => browser.close()));
  opened.clear();
}

export async function open(url, { width = 1280, height = 900, dark = false } = {}) {
  // A profile of its own, which goes with the browser.
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: [
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${LOOPBACK}`,
    ],
  });
  const context = await browser.newContext({
    acceptDownloads: true, colorScheme: dark ? 'dark' : 'light', viewport: { width, height },
  });
  opened.add(browser);
  context.setDefaultTimeout(PATIENCE);
  context.setDefaultNavigationTimeout(PATIENCE);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(`error: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  await context.route('**', (route) => {
    const { hostname, protocol } = new URL(route.request().url());
    if (hostname === LOOPBACK || protocol === 'blob:') return route.continue();
    faults.push(`a request to ${hostname}`);
    return route.abort();
  });
  await page.goto(url, { waitUntil: 'commit' });
  await state(page, 'ready').catch((error) => { throw new Error(`the page is not ready: ${faults.join('; ') || error.message}`); });
  const close = async () => {
    opened.delete(browser);
    await browser.close();
    assert.deepEqual(faults, [], 'the console is silent and no other host is asked');
  };
  return { page, close };
}

// Waits until the page is in one of these states.
export async function state(page, ...wanted) {
  const reached = page.waitForFunction((wanted) => wanted.includes(document.body.dataset.state), wanted, { timeout: PATIENCE });
  await reached.catch(async (error) => {
    const now = await page.evaluate(() => `${document.body.dataset.state}: ${document.getElementById('status').textContent}`);
    throw new Error(`waited for ${wanted.join(' or ')}, and the page says ${now}`, { cause: error });
  });
}

export async function settings(page, values) {
  for (const [id, value] of Object.entries(values)) {
    const field = page.locator(`#${id}`);
    if (await field.evaluate((element) => element.tagName === 'SELECT')) await field.selectOption(String(value));
    else await field.fill(String(value));
    await field.dispatchEvent('change');
  }
  await state(page, 'ready');
}

export async function train(page) {
  await page.click('#train');
  await state(page, 'done', 'broken');
  assert.equal(await page.evaluate(() => document.body.dataset.state), 'done', await page.textContent('#status'));
}

export const numberAt = async (page, id) => Number((await page.textContent(`#${id}`)).replace('−', '-').replace(/ s$/, ''));

export const digest = async (page) => (await page.textContent('#digest')).match(/[0-9a-f]{64}/)[0];

export async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return file.path();
}
