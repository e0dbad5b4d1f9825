import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that may come from a file instead (`<NAME>_FILE`), as Docker and Kubernetes secrets do. */
const FROM_FILE = [
  'DATABASE_URL',
  'CLAVIGER_EGRESS_PROXY',
  'CLAVIGER_OPERATOR_TOKEN',
  'CLAVIGER_INIT_OWNER_PASSWORD',
  'OTEL_EXPORTER_OTLP_HEADERS',
] as const;

/** This process's environment. The only place in the code base that reads `process.env`. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * The environment with `<NAME>_FILE` variables resolved to the trimmed content of the file that they name, and blank
 * values treated as unset (an empty line in a `.env` file means "not set"). A file that cannot be read is answered as a fault.
 */
export function resolveEnvironment(env: Environment): { values: Environment; unreadable: string[] } {
  const values: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.trim() !== '') values[name] = value.trim();
  }
  const unreadable: string[] = [];
  for (const name of FROM_FILE) {
    const path = values[`${name}_FILE`];
    if (path === undefined || values[name] !== undefined) continue;
    try {
      values[name] = readFileSync(path, 'utf8').trim();
    } catch {
      unreadable.push(`${name}_FILE`);
    }
  }
  return { values, unreadable };
}
