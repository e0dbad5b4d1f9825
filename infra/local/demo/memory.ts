import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivate } from '../launcher/data-dir.js';

/** What the demo remembers between starts, in a file of mode 0600: its own accounts and tokens, never a provider key. */
export interface DemoMemory {
  password: string;
  /** Session cookies by e-mail address. */
  sessions: Record<string, string>;
  engineToken?: string;
  workspaceToken?: string;
}

/** Reads the memory, or begins one with the password given or a random one. `isNew` says which. */
export function recall(file: string, password: string | null): { memory: DemoMemory; isNew: boolean } {
  if (existsSync(file)) {
    const memory = JSON.parse(readFileSync(file, 'utf8')) as DemoMemory;
    return { memory: { ...memory, password: password ?? memory.password }, isNew: false };
  }
  return {
    memory: { password: password ?? randomBytes(12).toString('base64url'), sessions: {} },
    isNew: true,
  };
}

export function remember(file: string, memory: DemoMemory): void {
  writePrivate(file, `${JSON.stringify(memory, null, 2)}\n`);
}
