/**
 * The world of the reference model: all that decides which key and model serve a call, in its own words. The model is written
 * from the text of the product (must-haves 8 to 14, 26 to 31, 41, 43, 45, 46, 53, the order of gates, the ADRs 7, 22, 23, 25 and 27), never
 * from the code that it judges, and imports none of it.
 */
export interface RefWorld {
  stopped: 'platform' | 'operator' | 'owners' | null;
  caller: RefCaller;
  workspaceReadOnly: boolean;
  /** Globs over `provider/model`; null: all. */
  planModels: string[] | null;
  vendors: RefVendor[];
  /** Slugs whose organization gate is off. */
  orgOff: string[];
  /** Keys of the organization; of those that are not assigned the workspace knows nothing. */
  keys: RefKey[];
  defaultVendor: string | null;
  policies: RefPolicy[];
  aliases: RefAlias[];
  /** What time it is: minutes since Sunday 00:00 UTC. */
  minuteOfWeek: number;
  /** Those that cover this workspace and caller; but for a key's, all calls count against them. */
  quotas: RefQuota[];
  /** `vendor/model` of the prices that the organization set itself. */
  ownPrices: string[];
  /** Of this month; null: the plan does not limit them. */
  executions: { used: number; max: number | null };
}

export interface RefQuota {
  /** Number of the key that it is for; null: for more than one key. */
  key: number | null;
  metric: 'runs' | 'output_tokens' | 'cost_micro_usd';
  enforced: boolean;
  used: number;
  max: number;
}

export interface RefCaller {
  /** Whether anything answers to what was presented. */
  known: boolean;
  revoked: boolean;
  expired: boolean;
  /** The workspace that the token is walled into, seen from the one that is asked about. */
  wall: 'none' | 'here' | 'elsewhere';
  /** The owner's membership. */
  membership: 'active' | 'pending' | 'none';
  role: 'OWNER' | 'ADMIN' | 'MEMBER';
  mayExecute: boolean;
  beyondPlan: boolean;
}

export interface RefVendor {
  slug: string;
  /** The operator's gate. */
  off: boolean;
  defaultModel: string | null;
  surfaces: Record<string, string>;
  /** Whether ids that the catalogue doesn't know are taken. */
  takesAny: boolean;
  needsSecret: boolean;
  models: RefModel[];
}

export interface RefModel {
  id: string;
  tools: 'yes' | 'no' | 'depends';
  retired: boolean;
  /** Whether the catalogue has its price. */
  priced: boolean;
}

export interface RefKey {
  /** Counts up: a smaller one was made earlier, and its id sorts first. */
  number: number;
  vendor: string;
  enabled: boolean;
  expired: boolean;
  hasSecret: boolean;
  /** Beyond the plan's number of keys. */
  readOnly: boolean;
  models: string[];
  defaultModel: string | null;
  /** null: not assigned to the workspace. */
  assigned: null | {
    active: boolean;
    priority: number;
    weight: number;
    models: string[];
    defaultModel: string | null;
  };
}

export interface RefPolicy {
  scope: 'organization' | 'workspace' | 'token';
  severity: 'LOW' | 'MEDIUM' | 'HIGH';
  rules: RefRule[];
}

export type RefRule =
  | { type: 'providers' | 'models' | 'surfaces'; allow?: string[]; deny?: string[] }
  | { type: 'tools'; allow?: string[]; deny?: string[]; kinds?: ('http' | 'mcp' | 'client')[] }
  | { type: 'max_output_tokens'; max: number }
  /** `timeZone` is `Etc/GMT` with the hours that it lies behind UTC. */
  | { type: 'time_window'; days: number[]; from: string; to: string; timeZone: string };

export interface RefAlias {
  name: string;
  /** Of this workspace alone, or of the organization. */
  ofWorkspace: boolean;
  models: string[];
}

export interface RefRequest {
  /** `@key:<number>/model` pins a key; its id is only known where the world is made real. */
  model?: string;
  provider?: string;
  surface?: string;
  tools: { name: string; kind: 'http' | 'client' }[];
  maxOutputTokens?: number;
}

export type RefGate =
  | 'kill_switch'
  | 'token'
  | 'provider'
  | 'org_gate'
  | 'key'
  | 'plan'
  | 'policy'
  | 'curated'
  | 'capability'
  | 'executions'
  | 'budget';

/** An assigned key that a call does not get. */
export interface RefPassedOver {
  key: number;
  gate: RefGate;
  /** null: a call that names it would be served. */
  code: string | null;
  /** Words that its sentence must have. */
  says: string[];
}

export interface RefRefusal {
  ok: false;
  gate: RefGate;
  code: string;
}

export interface RefChoice {
  ok: true;
  key: number;
  vendor: string;
  model: string;
  step: 1 | 2 | 3 | 4 | 5 | 6;
  /** Every key that could serve the call, best first. */
  order: number[];
}

export type RefAnswer = RefChoice | RefRefusal;
