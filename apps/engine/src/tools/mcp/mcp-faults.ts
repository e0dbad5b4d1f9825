import type { PolicyRefusal, StatePolicy } from '#lib/contracts';
import { validationFailed } from '#lib/http';
import { toolFindings, type ToolFacts } from '#lib/limits';
import type { AgentSpec } from '../../pipeline/agent-spec.js';
import { violationBy } from '../../policies/policy-violation.js';
import { nameFaults } from '../named-tools.js';
import type { ListedTool } from './mcp-types.js';

/** As many as an agent may bring itself: each is a text that every model call pays for. */
const MOST_TOOLS = 128;

/** Throws validation_failed where the run cannot be as its agent says, now that the names of its tools are known. */
export function assertNamed(
  agent: Pick<AgentSpec, 'toolChoice' | 'stopWhen' | 'steps'>,
  names: readonly string[],
  brought: number,
): void {
  if (names.length > MOST_TOOLS) {
    const detail = `The MCP servers bring ${brought} tools, which makes ${names.length}, and ${MOST_TOOLS} are the most. Name those that are needed in "tools".`;
    throw validationFailed([{ pointer: '/agent/tools', detail }]);
  }
  const detail = `There is no tool of this name; there are ${names.slice(0, 20).join(', ')}.`;
  const faults = nameFaults(agent, names, detail);
  if (faults.length > 0) throw validationFailed(faults);
}

/** Throws PolicyViolation for a tool that a policy refuses, by the name that its server gave it. */
export function assertAllowed(policies: readonly StatePolicy[], listed: readonly ListedTool[]): void {
  const strict = policies.filter(({ severity }) => severity === 'HIGH');
  const [broken] = toolFindings(strict, listed.map(factOf));
  if (broken) throw violationBy(broken);
}

/** Notes what milder policies say of tools whose names were not known before. */
export function noteMild(
  policies: readonly StatePolicy[],
  listed: readonly ListedTool[],
  noted: PolicyRefusal[],
): void {
  const mild = policies.filter(({ severity }) => severity !== 'HIGH');
  const unnamed = listed.filter(({ place }) => place.spec.tools === undefined);
  noted.push(...toolFindings(mild, unnamed.map(factOf)));
}

function factOf({ own }: ListedTool): ToolFacts {
  return { name: own, kind: 'mcp' };
}
