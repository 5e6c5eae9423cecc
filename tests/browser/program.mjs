// The program `ebm`, to compare the page with.

import { execFile } from 'node:child_process';

// Runs it; standard output, and the exit code if it may fail.
export function ebm(args, { mayFail = false, cwd, env = {} } = {}) {
  return new Promise((done, failed) => {
    execFile(process.env.EBM, args, { cwd, maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: '1', ...env } }, (error, stdout, stderr) => {
      if (error && !mayFail) failed(new Error(`ebm ${args.join(' ')}: ${stderr}`));
      else done({ stdout, stderr, code: error?.code ?? 0 });
    });
  });
}
