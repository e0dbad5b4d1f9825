import type { FieldFault } from '#lib/kernel';
import type { AgentSpec } from '../pipeline/agent-spec.js';

type Naming = Pick<AgentSpec, 'stopWhen' | 'steps'> & { toolChoice?: AgentSpec['toolChoice'] };

/** Faults of every place of an agent that names a tool which is none of these; pointers are within the body. */
export function nameFaults(agent: Naming, names: readonly string[], detail: string): FieldFault[] {
  return namedTools(agent).flatMap(({ pointer, name }) =>
    names.includes(name) ? [] : [{ pointer: `/agent${pointer}`, detail }],
  );
}

function namedTools({ toolChoice, stopWhen = [], steps = [] }: Naming): { pointer: string; name: string }[] {
  return [
    ...chosen(toolChoice, ''),
    ...stopWhen.flatMap((condition, index) =>
      condition.type === 'toolCall' ? [{ pointer: `/stopWhen/${index}/tool`, name: condition.tool }] : [],
    ),
    ...steps.flatMap((rule, index) => [
      ...chosen(rule.toolChoice, `/steps/${index}`),
      ...(rule.tools ?? []).map((name, at) => ({ pointer: `/steps/${index}/tools/${at}`, name })),
    ]),
  ];
}

function chosen(choice: Naming['toolChoice'], at: string): { pointer: string; name: string }[] {
  return typeof choice === 'object' ? [{ pointer: `${at}/toolChoice/tool`, name: choice.tool }] : [];
}
