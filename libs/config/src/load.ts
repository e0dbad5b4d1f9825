import { z } from 'zod';
import { ConfigError, type ConfigFault } from './config-error.js';
import { resolveEnvironment, type Environment } from './environment.js';
import { unknownVariables } from './unknown-variables.js';

/** Makes the fields for an environment: what is required may depend on what is set. */
export type FieldsOf<Fields extends z.ZodRawShape> = (env: Environment) => Fields;

export interface Loaded<Fields extends z.ZodRawShape> {
  values: z.output<z.ZodObject<Fields>>;
  /** Warnings, e.g. a CLAVIGER_ variable that nothing reads; for the log. */
  warnings: string[];
}

/** Judges settings whose form another library knows, so that their faults stand in the same list. */
export type SettingsCheck = (env: Environment) => ConfigFault[];

/** Validates an environment against the fields. Throws a ConfigError that lists every fault at once, each with its mend. */
export function load<Fields extends z.ZodRawShape>(
  process: string,
  fieldsOf: FieldsOf<Fields>,
  env: Environment,
  checks: readonly SettingsCheck[] = [],
): Loaded<Fields> {
  const { values, unreadable } = resolveEnvironment(env);
  const result = z.object(fieldsOf(values)).safeParse(values);
  const faults = [
    ...unreadable.map(unreadableFault),
    ...(result.error?.issues ?? []).map(asFault),
    ...checks.flatMap((check) => check(values)),
  ];
  if (!result.success || faults.length > 0) throw new ConfigError(process, faults);
  return { values: result.data, warnings: unknownVariables(values) };
}

function unreadableFault(variable: string): ConfigFault {
  return {
    variable,
    problem: 'names a file that cannot be read',
    mend: 'Check the path and that this process may read it.',
  };
}

function asFault(issue: z.core.$ZodIssue): ConfigFault {
  const [problem = 'is not valid', mend = 'See infra/docs/settings.md.'] = issue.message.split('|');
  return { variable: String(issue.path[0] ?? 'environment'), problem, mend };
}
