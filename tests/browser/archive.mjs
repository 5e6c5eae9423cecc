// The files of an archive whose content is stored as it is.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ENTRY = 0x02014b50;
const END = 0x06054b50;

export async function unpack(archive, folder) {
  const bytes = await readFile(archive);
  let end = bytes.length - 22;
  while (bytes.readUInt32LE(end) !== END) end -= 1;
  const names = [];
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === ENTRY;) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 24)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    if (method !== 0) throw new Error('the archive is compressed');
    const path = bytes.toString('utf8', at + 46, at + 46 + name);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes.subarray(start, start + size));
    names.push(path);
    at += 46 + name + extra + comment;
  }
  return names;
}
