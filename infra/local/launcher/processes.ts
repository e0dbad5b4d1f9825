import { dirname, join } from 'node:path';
import type { Environment } from '#lib/config';
import type { KeyFiles } from './keys.js';
import { confined } from './permissions.js';
import type { MetricsPorts, PortName, Ports } from './ports.js';

/** What is under way in the one engine of `npm start` may go on so long when it is asked to end: somebody sits before it. */
const GRACE_SECONDS = '5';
/** For what is written after that. */
const CLOSES_WITHIN_MS = 15_000;

/** What a process is started with; see `startChild`. */
export interface ProcessPlan {
  name: PortName;
  args: string[];
  env: Record<string, string | undefined>;
  port: number;
  cwd: string;
  /** How long it may take to end when it is asked to, in milliseconds. */
  patienceMs?: number;
}

export interface PlanInput {
  root: string;
  host: string;
  ports: Ports;
  /** Where the planes serve their metrics; null: nowhere. */
  metricsPorts: MetricsPorts | null;
  keys: KeyFiles;
  /** Login of each process's own role. */
  databaseUrls: { api: string; engine: string; worker: string };
  operatorToken: string;
  /** `CLAVIGER_EGRESS_ALLOW` of the operator, and the demo's upstream. */
  egressAllow: string[];
  publicUrl: string;
  /** File of the signed audit checkpoints. */
  checkpoints: string;
  /** The folder that the engine remembers the database in. */
  engineState: string;
  /** How many processes the engine is served by. */
  engineProcesses: number;
  /** The operator's own environment, handed on as it is. */
  operator: Environment;
}

/** Settings that belong to one process or to the launcher: no process gets another's by inheritance. */
const PERSONAL = [
  'DATABASE_URL',
  'DATABASE_URL_FILE',
  'CLAVIGER_OPERATOR_TOKEN',
  'CLAVIGER_OPERATOR_TOKEN_FILE',
  'CLAVIGER_DEMO_PASSWORD',
  'CLAVIGER_INIT_OWNER_EMAIL',
  'CLAVIGER_INIT_OWNER_PASSWORD',
  'CLAVIGER_INIT_OWNER_PASSWORD_FILE',
  'CLAVIGER_INIT_ORG',
  'CLAVIGER_KMS_PUBLIC_KEYSET',
  'CLAVIGER_KMS_PRIVATE_KEYSET',
  'CLAVIGER_TICKET_PRIVATE_KEY',
  'CLAVIGER_TICKET_PUBLIC_KEY',
  'CLAVIGER_FINGERPRINT_PEPPER',
  'CLAVIGER_AUDIT_PRIVATE_KEY',
  'CLAVIGER_AUDIT_PUBLIC_KEY',
  'CLAVIGER_AUDIT_CHECKPOINTS',
  'CLAVIGER_ENGINE_STATE_DIR',
  'CLAVIGER_REWRAP_FROM',
  'CLAVIGER_REWRAP_PURPOSE',
  'CLAVIGER_EGRESS_PROXY',
  'CLAVIGER_EGRESS_PROXY_FILE',
  'CLAVIGER_EGRESS_PROXY_CONNECT',
  'CLAVIGER_EGRESS_CA_FILE',
  'VAULT_TOKEN',
  'VAULT_TOKEN_FILE',
  'CLAVIGER_METRICS_PORT',
  'CLAVIGER_ENGINE_PROCESSES',
  'PORT',
  'HOSTNAME',
];

/**
 * How each process is started: its own database login, its own key files, its own ports, and otherwise the operator's
 * environment unchanged. Vendor variables in it (OPENAI_API_KEY …) are not taken out: ignoring them is the processes' duty,
 * wherever they are started from.
 */
export function planProcesses(input: PlanInput): ProcessPlan[] {
  const { keys, databaseUrls, ports, metricsPorts } = input;
  const metricsOf = (name: 'api' | 'engine') => ({
    CLAVIGER_METRICS_PORT: metricsPorts ? String(metricsPorts[name]) : undefined,
  });
  const at = (name: PortName) => `http://localhost:${ports[name]}`;
  const shared = {
    ...inherited(input.operator),
    CLAVIGER_HOST: input.host,
    CLAVIGER_PUBLIC_URL: input.publicUrl,
    CLAVIGER_ENGINE_URL: input.operator.CLAVIGER_ENGINE_URL ?? at('engine'),
    CLAVIGER_EGRESS_ALLOW: input.egressAllow.join(','),
  };
  const { VAULT_TOKEN, VAULT_TOKEN_FILE } = input.operator;
  const plane = (
    name: 'api' | 'engine' | 'worker',
    files: string[],
    env: Record<string, string | undefined>,
    writable: string[] = [],
  ): ProcessPlan => ({
    name,
    args: [
      ...confined(input.root, VAULT_TOKEN_FILE ? [...files, VAULT_TOKEN_FILE] : files, writable),
      ...lifeline(input.root),
      join(input.root, `dist/apps/${name}/src/main.js`),
    ],
    env: {
      ...shared,
      DATABASE_URL: databaseUrls[name],
      VAULT_TOKEN,
      VAULT_TOKEN_FILE,
      [`CLAVIGER_${name.toUpperCase()}_PORT`]: String(ports[name]),
      ...env,
    },
    port: ports[name],
    cwd: input.root,
  });
  const checkpoints = dirname(input.checkpoints);
  const checking = {
    CLAVIGER_AUDIT_CHECKPOINTS: input.checkpoints,
    CLAVIGER_AUDIT_PUBLIC_KEY: keys.auditPublicKey,
  };
  // What signs webhooks; instead of it, while the operator has what is stored moved to a new master key, the keyset of what is moved.
  const worker = () => {
    const { CLAVIGER_REWRAP_FROM, CLAVIGER_REWRAP_PURPOSE, CLAVIGER_KMS = 'local' } = input.operator;
    const files = [checkpoints, keys.auditPrivateKey, keys.auditPublicKey, ...wayOutFiles(input.operator)];
    const env = {
      ...checking,
      ...wayOut(input.operator),
      CLAVIGER_AUDIT_PRIVATE_KEY: keys.auditPrivateKey,
      CLAVIGER_REWRAP_FROM,
      CLAVIGER_REWRAP_PURPOSE,
    };
    const writes = [checkpoints];
    if (CLAVIGER_KMS !== 'local') return plane('worker', files, env, writes);
    const isRewrap = Boolean(CLAVIGER_REWRAP_FROM?.trim());
    const keyset =
      isRewrap && CLAVIGER_REWRAP_PURPOSE?.trim() !== 'webhook' ? keys.callKeyset : keys.webhookKeyset;
    const opens = {
      CLAVIGER_KMS_PRIVATE_KEYSET: keyset,
      CLAVIGER_KMS_PUBLIC_KEYSET: isRewrap ? keys.publicKeyset : undefined,
    };
    const keysets = [dirname(keyset), ...(isRewrap ? [keys.publicKeyset] : [])];
    return plane('worker', [...files, ...keysets], { ...env, ...opens }, writes);
  };
  // The keyset's folder, not just the file: the engine checks that nobody else may enter it.
  const { engineState } = input;
  const engineFiles = [dirname(keys.callKeyset), keys.ticketPublicKey, checkpoints, keys.auditPublicKey];
  const web = join(input.root, 'apps/web/.next/standalone/apps/web');
  const engine = plane(
    'engine',
    [...engineFiles, engineState, ...wayOutFiles(input.operator)],
    {
      ...checking,
      ...wayOut(input.operator),
      ...tracing(input.operator),
      ...metricsOf('engine'),
      CLAVIGER_KMS_PRIVATE_KEYSET: keys.callKeyset,
      CLAVIGER_TICKET_PUBLIC_KEY: keys.ticketPublicKey,
      CLAVIGER_ENGINE_STATE_DIR: engineState,
    },
    [engineState],
  );
  return [
    input.engineProcesses > 1 ? several(engine, input) : single(engine, input),
    plane('api', [keys.publicKeyset, keys.ticketPrivateKey, keys.fingerprintPepper], {
      CLAVIGER_KMS_PUBLIC_KEYSET: keys.publicKeyset,
      CLAVIGER_TICKET_PRIVATE_KEY: keys.ticketPrivateKey,
      CLAVIGER_FINGERPRINT_PEPPER: keys.fingerprintPepper,
      CLAVIGER_ENGINE_INTERNAL_URL: `http://127.0.0.1:${ports.engine}`,
      CLAVIGER_OPERATOR_TOKEN: input.operatorToken,
      ...owner(input.operator),
      ...metricsOf('api'),
    }),
    worker(),
    {
      name: 'web',
      args: ['--disable-sigusr1', ...lifeline(input.root), join(web, 'server.js')],
      env: {
        ...shared,
        NODE_ENV: 'production',
        PORT: String(ports.web),
        HOSTNAME: input.host,
        CLAVIGER_API_INTERNAL_URL: `http://127.0.0.1:${ports.api}`,
        CLAVIGER_ENGINE_INTERNAL_URL: `http://127.0.0.1:${ports.engine}`,
      },
      port: ports.web,
      cwd: web,
    },
  ];
}

/** The rooms of two processes of the engine, and the calls that they are let end (apps/engine/src/processes). */
const FLEET_ENDS_WITHIN_MS = 65_000;

/**
 * The same engine as several processes: each is confined as the one would be, and a primary, which reads nothing of theirs, begins them. It
 * must be let start programs, so it is not confined itself (ADR 0037).
 */
function several(engine: ProcessPlan, { root, engineProcesses }: PlanInput): ProcessPlan {
  // All but the lifeline and the program: they end with their primary.
  const flags = engine.args.slice(0, -1 - lifeline(root).length);
  const primary = join(root, 'dist/apps/engine/src/processes-main.js');
  return {
    ...engine,
    args: ['--disable-sigusr1', ...lifeline(root), primary, ...flags],
    env: { ...engine.env, CLAVIGER_ENGINE_PROCESSES: String(engineProcesses) },
    patienceMs: FLEET_ENDS_WITHIN_MS,
  };
}

/** One engine is asked to end by `npm start` itself, which waits for what it has under way. */
function single(engine: ProcessPlan, { operator }: PlanInput): ProcessPlan {
  const seconds = operator.CLAVIGER_SHUTDOWN_GRACE_SECONDS?.trim() || GRACE_SECONDS;
  const env = { ...engine.env, CLAVIGER_SHUTDOWN_GRACE_SECONDS: seconds };
  return { ...engine, env, patienceMs: Number(seconds) * 1_000 + CLOSES_WITHIN_MS };
}

function lifeline(root: string): string[] {
  return ['--import', join(root, 'dist/infra/local/launcher/lifeline.js')];
}

function inherited(operator: Environment): Record<string, string | undefined> {
  const isShared = (name: string) => !PERSONAL.includes(name) && !name.startsWith('OTEL_');
  return Object.fromEntries(Object.entries(operator).filter(([name]) => isShared(name)));
}

/** The headless first owner is the api's to make. */
function owner(operator: Environment): Record<string, string | undefined> {
  return pick(operator, [
    'CLAVIGER_INIT_OWNER_EMAIL',
    'CLAVIGER_INIT_OWNER_PASSWORD',
    'CLAVIGER_INIT_OWNER_PASSWORD_FILE',
    'CLAVIGER_INIT_ORG',
  ]);
}

/** The operator's proxy, with its credentials, and certificates are for whoever dials: engine and worker. */
function wayOut(operator: Environment): Record<string, string | undefined> {
  return pick(operator, [
    'CLAVIGER_EGRESS_PROXY',
    'CLAVIGER_EGRESS_PROXY_FILE',
    'CLAVIGER_EGRESS_PROXY_CONNECT',
    'CLAVIGER_EGRESS_CA_FILE',
  ]);
}

/** Where spans go, with the collector's password: the engine alone makes any. */
function tracing(operator: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(operator).filter(([name]) => name.startsWith('OTEL_')));
}

function wayOutFiles({
  CLAVIGER_EGRESS_PROXY_FILE: proxy,
  CLAVIGER_EGRESS_CA_FILE: ca,
  ...others
}: Environment): string[] {
  return [proxy, ca, others['OTEL_EXPORTER_OTLP_HEADERS_FILE']].flatMap((path) => path?.trim() || []);
}

function pick(operator: Environment, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, operator[name]]));
}
