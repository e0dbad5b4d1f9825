import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Io } from './io.js';

/** What `login` keeps. */
export interface Settings {
  apiUrl?: string;
  apiToken?: string;
  engineUrl?: string;
  engineToken?: string;
  workspaceId?: string;
}

const NAMES = ['apiUrl', 'apiToken', 'engineUrl', 'engineToken', 'workspaceId'] as const;

/** The user's file, readable by them alone. `CLAVIGER_…` of the environment wins over it. */
export class SettingsFile {
  readonly #path: string;

  constructor(private readonly io: Pick<Io, 'env'>) {
    const home = io.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
    this.#path = join(home, 'claviger/cli.json');
  }

  read(): Settings {
    const { env } = this.io;
    const token = env['CLAVIGER_TOKEN'];
    const fromEnv: Settings = {
      apiUrl: env['CLAVIGER_API_URL'],
      engineUrl: env['CLAVIGER_ENGINE_URL'],
      workspaceId: env['CLAVIGER_WORKSPACE_ID'],
      ...(token && { [tokenName(token)]: token }),
    };
    const given = Object.entries(fromEnv).filter(([, value]) => value);
    return { ...this.#kept(), ...Object.fromEntries(given) };
  }

  /** Adds to what is kept. */
  write(settings: Settings): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const draft = `${this.#path}.new`;
    writeFileSync(draft, `${JSON.stringify({ ...this.#kept(), ...settings }, null, 2)}\n`, { mode: 0o600 });
    // The mode above holds for a file that was not there yet.
    chmodSync(draft, 0o600);
    renameSync(draft, this.#path);
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }

  #kept(): Settings {
    if (!existsSync(this.#path)) return {};
    const kept = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(
      NAMES.flatMap((name) => (typeof kept[name] === 'string' ? [[name, kept[name]]] : [])),
    );
  }
}

/** Which plane a token is for, by its prefix. */
export function tokenName(token: string): 'apiToken' | 'engineToken' {
  return token.startsWith('clv_api_') ? 'apiToken' : 'engineToken';
}
