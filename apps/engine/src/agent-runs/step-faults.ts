import type { FieldFault } from '#lib/kernel';
import type { AgentDto } from './agent.dto.js';
import type { StepRuleDto } from './steps.dto.js';

/** What no single field of a rule for steps can say. Pointers are within the body. */
export function stepFaults({ steps = [], tools = [] }: AgentDto): FieldFault[] {
  return steps.flatMap((rule, index) =>
    ruleFaults(rule, tools.length > 0).map(({ pointer, detail }) => ({
      pointer: `/agent/steps/${index}${pointer}`,
      detail,
    })),
  );
}

function ruleFaults({ from = 1, to, toolChoice, tools }: StepRuleDto, hasTools: boolean): FieldFault[] {
  const faults: FieldFault[] = [];
  if (toolChoice === undefined && tools === undefined)
    faults.push({ pointer: '', detail: 'Say what holds for these steps: give toolChoice, tools, or both.' });
  if (to !== undefined && to < from)
    faults.push({ pointer: '/to', detail: 'The last step comes before the first: give from ≤ to.' });
  const mayCall = tools ? tools.length > 0 : hasTools;
  if (toolChoice === 'required' && !mayCall)
    faults.push({
      pointer: '/toolChoice',
      detail: 'A tool is required, but there are no tools in these steps.',
    });
  if (typeof toolChoice === 'object' && tools && !tools.includes(toolChoice.tool))
    faults.push({
      pointer: '/toolChoice/tool',
      detail: 'This tool is not among the tools of these steps: name it there, too.',
    });
  return faults;
}
