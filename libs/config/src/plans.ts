import { z } from 'zod';
import { fault } from './fields.js';

/** Limits of a plan; null means unlimited. Executions are counted per calendar month, UTC. */
export interface PlanSettings {
  keys: number | null;
  workspaces: number | null;
  members: number | null;
  executionsPerMonth: number | null;
  mcpServers: number | null;
  historyDays: number | null;
  /** `provider/model`, `*` for any run of characters. */
  models: string[] | null;
}

/** The plans that every deployment has (API.md, CLAVIGER_DEFAULT_PLAN). */
export const BUILT_IN_PLANS = ['free', 'team', 'unlimited'] as const;

const limit = z.int().min(0).nullable();
/** A plan of the operator's own has to say something about each of these; the others are unlimited unless it does. */
const NAMED = ['keys', 'workspaces', 'members', 'executionsPerMonth'];
const models = z
  .array(
    z
      .string()
      .regex(/^[^/\s]+\/[^\s]+$|^\*$/)
      .max(200),
  )
  .max(500)
  .nullable();
const planSchema = z
  .strictObject({
    keys: limit,
    workspaces: limit,
    members: limit,
    executionsPerMonth: limit,
    mcpServers: limit,
    historyDays: limit,
    models,
  })
  .partial();
const plansSchema = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/), planSchema);

const EXAMPLE =
  '{"pilot":{"keys":5,"workspaces":3,"members":10,"executionsPerMonth":null,"historyDays":90,"models":["openai/*"]}}';
const MEND = `Write JSON like ${EXAMPLE}; null is unlimited; a plan other than ${BUILT_IN_PLANS.join(', ')} names at least ${NAMED.join(', ')}.`;

export const plansField: z.ZodType<Record<string, Partial<PlanSettings>>> = z
  .string()
  .transform((text, context) => {
    const plans = readPlans(text);
    if (plans) return plans;
    context.issues.push({ code: 'custom', message: fault('is not a set of plans', MEND), input: undefined });
    return z.NEVER;
  })
  .default({});

function readPlans(text: string): Record<string, Partial<PlanSettings>> | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = plansSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  const builtIn: readonly string[] = BUILT_IN_PLANS;
  const complete = Object.entries(parsed.data).every(
    ([name, plan]) => builtIn.includes(name) || NAMED.every((field) => field in plan),
  );
  return complete ? parsed.data : undefined;
}
