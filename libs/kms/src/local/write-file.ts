import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Makes the folder, with this mode whatever the umask and whatever it had. */
export function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}

/** Writes a file that must not exist yet, whole or not at all: a link fails where a rename would replace. */
export function writeNew(path: string, text: string, mode: number): void {
  viaDraft(path, text, mode, (draft) => linkSync(draft, path));
}

/** Replaces a file, whole or not at all. */
export function writeOver(path: string, text: string, mode: number): void {
  viaDraft(path, text, mode, (draft) => renameSync(draft, path));
}

function viaDraft(path: string, text: string, mode: number, publish: (draft: string) => void): void {
  const folder = dirname(path);
  const draft = join(folder, `.${randomUUID()}`);
  try {
    writeDurably(draft, text, mode);
    publish(draft);
  } finally {
    rmSync(draft, { force: true });
  }
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

function writeDurably(path: string, text: string, mode: number): void {
  const fd = openSync(path, 'wx', mode);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  chmodSync(path, mode);
}
