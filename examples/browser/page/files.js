// Files that are dropped, chosen and downloaded.

import { pack_files } from './module/ebm_browser.js';

export function download(name, bytes, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Files of a run as one archive: an archive as it is, or a folder packed.
export async function archive(files) {
  const list = [...files];
  if (list.length === 1 && list[0].file.name.endsWith('.zip')) return new Uint8Array(await list[0].file.arrayBuffer());
  const contents = await Promise.all(list.map(({ file }) => file.arrayBuffer()));
  const lengths = Uint32Array.from(contents, (content) => content.byteLength);
  const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let start = 0;
  for (const content of contents) { all.set(new Uint8Array(content), start); start += content.byteLength; }
  return pack_files(list.map(({ path }) => path), lengths, all);
}

export const chosen = (files) => [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

// What was dropped, folders with all that is in them.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return chosen(transfer.files);
  return (await Promise.all(entries.map((entry) => within(entry)))).flat();
}

async function within(entry, before = '') {
  const path = before + entry.name;
  if (entry.isFile) return [{ path, file: await new Promise((found, lost) => entry.file(found, lost)) }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A reader gives a hundred entries at a time.
    const some = await new Promise((read, lost) => reader.readEntries(read, lost));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((inner) => within(inner, `${path}/`)))).flat();
}
