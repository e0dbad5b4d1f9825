import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** The only folder that the engine writes: what it remembers of the database, apart from that and from the checkpoints. */
export function engineStateFolder(dataDir: string): string {
  return resolve(dataDir, 'engine');
}

export function makeEngineState(dataDir: string): string {
  const folder = engineStateFolder(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
