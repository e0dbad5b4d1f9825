import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const lifeline = join(import.meta.dirname, 'lifeline.ts');

/** A process that would never end by itself, on a lifeline. */
function begin(script: string) {
  return spawn(process.execPath, ['--import', lifeline, '-e', `setInterval(() => {}, 1000); ${script}`], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

describe('a process of npm start whose launcher is gone', () => {
  it('ends as if asked to, or by itself where it takes too long', async () => {
    const [asked, deaf] = [
      begin(`process.on('SIGTERM', () => process.exit(7)); process.send('up')`),
      begin(`process.on('SIGTERM', () => {}); process.send('up')`),
    ];
    await Promise.all([asked, deaf].map((child) => once(child, 'message')));
    const ends = Promise.all([asked, deaf].map((child) => once(child, 'exit')));
    for (const child of [asked, deaf]) child.disconnect();
    expect((await ends).map(([code]) => code)).toEqual([7, 1]);
  }, 30_000);

  it('ends as well where that was before it could listen', async () => {
    // Held up before the lifeline is loaded, while the channel closes.
    const held = spawn(
      process.execPath,
      [
        ...['--import', 'data:text/javascript,await new Promise((go) => setTimeout(go, 500))'],
        ...['--import', lifeline, '-e', 'setInterval(() => {}, 1000)'],
      ],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    const end = once(held, 'exit');
    held.disconnect();
    expect((await end)[1]).toBe('SIGTERM');
  }, 30_000);
});
