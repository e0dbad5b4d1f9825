import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EpochMemory } from './epoch-memory.js';

const epochs = (epoch: number, checkpoints = epoch) => ({ database: { epoch, atMs: epoch }, checkpoints });

describe('what an engine remembers of the database', () => {
  let folder: string;
  let memory: EpochMemory;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'claviger-memory-'));
    memory = new EpochMemory(folder, 'default');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const anew = () => new EpochMemory(folder, 'default');

  it('is kept over restarts in a file that only its owner reads, without drafts beside it', async () => {
    expect(await memory.recall()).toBeNull();
    await memory.remember(epochs(3));
    await memory.remember(epochs(5, 4));
    expect(await anew().recall()).toEqual(epochs(5, 4));
    expect(statSync(memory.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['epochs.json']);
  });

  it('never goes back, whoever of several engines writes last', async () => {
    await memory.remember(epochs(5, 2));
    const other = anew();
    await other.remember(epochs(3, 3));
    await memory.remember(epochs(4, 1));
    expect(await anew().recall()).toEqual(epochs(5, 3));
  });

  it('outlives its file for as long as the process runs, and is written again', async () => {
    await memory.remember(epochs(5));
    rmSync(memory.path);
    expect(await memory.recall()).toEqual(epochs(5));
    await memory.remember(epochs(5));
    expect(await anew().recall()).toEqual(epochs(5));
  });

  it.each([
    ['altered', (text: string) => text.replace('"epoch":5', '"epoch":4')],
    ['cut off', (text: string) => text.slice(0, 20)],
    ['emptied', () => ''],
    ['of another installation', (text: string) => text.replace('"default"', '"other"')],
  ])('is refused, with the file’s name, where it is %s', async (_what, damage) => {
    await memory.remember(epochs(5));
    writeFileSync(memory.path, damage(readFileSync(memory.path, 'utf8')));
    await expect(anew().recall()).rejects.toMatchObject({
      code: 'memory_damaged',
      message: expect.stringContaining(memory.path),
    });
  });
});
