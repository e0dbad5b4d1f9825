import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogOutput } from './log-output.js';

const dir = mkdtempSync(join(tmpdir(), 'claviger-log-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Both ends of a pipe that never blocks whoever writes. */
function pipe(name: string): { reader: number; writer: number } {
  const path = join(dir, name);
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

function read(fd: number): string {
  const chunk = Buffer.alloc(1 << 20);
  try {
    return chunk.toString('utf8', 0, readSync(fd, chunk));
  } catch {
    return '';
  }
}

describe('the log of a process, as it is written', () => {
  it('keeps every line in its order though its reader is slow, and when the process ends', async () => {
    const { reader, writer } = pipe('slow');
    const out = new LogOutput(writer);
    const lines = Array.from({ length: 3_000 }, (_, at) => `${at} ${'x'.repeat(60)}\n`);
    for (const line of lines) out.write(line);
    let text = '';
    for (let waited = 0; waited < 400 && !text.includes('\n2999 '); waited += 1) {
      await delay(25);
      text += read(reader);
    }
    out.write('the last one\n');
    await delay(50);
    out.write('and one as it ends\n');
    out.flushSync();
    await delay(50);
    text += read(reader);
    expect(text).toBe(`${lines.join('')}the last one\nand one as it ends\n`);
  });

  it('nobody waits for a reader that is gone: not while the process works, nor when it ends', async () => {
    const { reader, writer } = pipe('gone');
    const out = new LogOutput(writer);
    closeSync(reader);
    out.write('a line on its way\n');
    out.write('a line that waits\n');
    out.flushSync();
    await delay(50);
    out.write('a later one\n');
    out.flushSync();
  });

  it('a process that ends waits about a second for a reader that takes nothing', () => {
    const { writer } = pipe('stuck');
    const out = new LogOutput(writer);
    out.write('on its way\n');
    out.write('x'.repeat(1 << 20));
    out.flushSync();
  });
});
