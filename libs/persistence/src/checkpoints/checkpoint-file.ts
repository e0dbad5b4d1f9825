import { open, readFile, stat } from 'node:fs/promises';
import { parseCheckpointLine, type CheckpointLine, type CheckpointVerifier } from './checkpoint-line.js';

const TAIL_BYTES = 64 * 1024;

/** Every line of the file, with its number from 1; `line` is undefined where it is not genuine. A missing file has none. */
export async function readCheckpoints(
  path: string,
  verifier: CheckpointVerifier,
): Promise<{ number: number; line: CheckpointLine | undefined }[]> {
  const text = await readFile(path, 'utf8').catch(emptyIfMissing);
  return text.split('\n').flatMap((each, index) => {
    if (each.trim() === '') return [];
    const line = parseCheckpointLine(each);
    return [{ number: index + 1, line: line && verifier.genuine(line) ? line : undefined }];
  });
}

/** Adds lines and waits until they are on disk. What a crash cut off stays a line of its own, which nothing believes. */
export async function appendCheckpoints(path: string, lines: CheckpointLine[]): Promise<void> {
  if (lines.length === 0) return;
  const before = await tail(path).catch(emptyIfMissing);
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  const file = await open(path, 'a', 0o644);
  try {
    await file.appendFile(gap + lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether the last write to the file was cut off. */
export async function isTorn(path: string): Promise<boolean> {
  const text = await tail(path).catch(emptyIfMissing);
  return text !== '' && !text.endsWith('\n');
}

async function tail(path: string): Promise<string> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function emptyIfMissing(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
