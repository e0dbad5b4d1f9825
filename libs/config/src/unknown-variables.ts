import type { Environment } from './environment.js';

/** Every CLAVIGER_ variable that some process reads. */
export const KNOWN_VARIABLES = [
  'CLAVIGER_API_INTERNAL_URL',
  'CLAVIGER_API_PORT',
  'CLAVIGER_HANDOVER_DIR',
  'CLAVIGER_KEYS_DIR',
  'CLAVIGER_AUDIT_CHECKPOINTS',
  'CLAVIGER_AUDIT_CHECKPOINT_SECONDS',
  'CLAVIGER_AUDIT_PRIVATE_KEY',
  'CLAVIGER_AUDIT_PUBLIC_KEY',
  'CLAVIGER_AUTH_THROTTLE',
  'CLAVIGER_DATA_DIR',
  'CLAVIGER_DEFAULT_PLAN',
  'CLAVIGER_DEMO_PASSWORD',
  'CLAVIGER_DEPLOYMENT',
  'CLAVIGER_EGRESS_ALLOW',
  'CLAVIGER_EGRESS_CA_FILE',
  'CLAVIGER_EGRESS_PROXY',
  'CLAVIGER_EGRESS_PROXY_CONNECT',
  'CLAVIGER_EGRESS_PROXY_FILE',
  'CLAVIGER_ENGINE_INTERNAL_URL',
  'CLAVIGER_ENGINE_PORT',
  'CLAVIGER_ENGINE_PROCESSES',
  'CLAVIGER_ENGINE_STATE_DIR',
  'CLAVIGER_ENGINE_URL',
  'CLAVIGER_FINGERPRINT_PEPPER',
  'CLAVIGER_HOST',
  'CLAVIGER_INIT_ORG',
  'CLAVIGER_INIT_OWNER_EMAIL',
  'CLAVIGER_INIT_OWNER_PASSWORD',
  'CLAVIGER_INIT_OWNER_PASSWORD_FILE',
  'CLAVIGER_KMS',
  'CLAVIGER_KMS_KEY_ID',
  'CLAVIGER_KMS_PRIVATE_KEYSET',
  'CLAVIGER_KMS_PUBLIC_KEYSET',
  'CLAVIGER_LOG_LEVEL',
  'CLAVIGER_METRICS_PORT',
  'CLAVIGER_OPERATOR_TOKEN',
  'CLAVIGER_OPERATOR_TOKEN_FILE',
  'CLAVIGER_ORG_KMS',
  'CLAVIGER_ORG_KMS_PRINCIPALS',
  'CLAVIGER_PLANS',
  'CLAVIGER_PUBLIC_URL',
  'CLAVIGER_RECEIPT_DAYS',
  'CLAVIGER_REWRAP_FROM',
  'CLAVIGER_REWRAP_PURPOSE',
  'CLAVIGER_RUN_DAYS',
  'CLAVIGER_RUN_PAUSE_MINUTES',
  'CLAVIGER_RUN_PLACES',
  'CLAVIGER_RUN_SLOTS',
  'CLAVIGER_RUN_SLOTS_PER_WORKSPACE',
  'CLAVIGER_SHUTDOWN_GRACE_SECONDS',
  'CLAVIGER_TICKET_PRIVATE_KEY',
  'CLAVIGER_TICKET_PUBLIC_KEY',
  'CLAVIGER_TRUSTED_PROXIES',
  'CLAVIGER_UPSTREAM_PORT',
  'CLAVIGER_USAGE_MINUTE_DAYS',
  'CLAVIGER_VAULT_MOUNT',
  'CLAVIGER_WEB_PORT',
  'CLAVIGER_WORKER_PORT',
] as const;

/**
 * A warning for each CLAVIGER_ variable that nothing reads, with the nearest known name where it looks like a slip.
 * A warning and no fault: a newer version's setting must not stop an older one during a roll-back.
 */
export function unknownVariables(env: Environment): string[] {
  const known: readonly string[] = KNOWN_VARIABLES;
  return Object.keys(env)
    .filter((name) => name.startsWith('CLAVIGER_') && !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name);
      return `${name} is set but nothing reads it.${near ? ` Did you mean ${near}?` : ''}`;
    });
}

function nearest(name: string): string | undefined {
  const ranked = KNOWN_VARIABLES.map((known) => ({ known, distance: editDistance(name, known) }));
  const best = ranked.reduce((a, b) => (b.distance < a.distance ? b : a));
  return best.distance <= 4 ? best.known : undefined;
}

/** Levenshtein distance, in edits. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitution));
    }
    row = next;
  }
  return row[b.length]!;
}
