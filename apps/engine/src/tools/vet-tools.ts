import { ClavigerError } from '#lib/contracts';
import type { EgressGuard } from '#lib/egress';
import { asClavigerError, validationFailed } from '#lib/http';
import type { FieldFault } from '#lib/kernel';
import type { HttpToolSpec, ToolSpec } from '../pipeline/agent-spec.js';
import { toolFault } from './tool-request.js';

/** Tool URLs are judged now, and again whenever they are dialled (PRODUCT #50). Throws validation_failed and egress_blocked. */
export async function vetTools(tools: readonly ToolSpec[], guard: EgressGuard, orgId: string): Promise<void> {
  const faults: FieldFault[] = [];
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'http') continue;
    const pointer = `/agent/tools/${index}`;
    const fault = toolFault(tool);
    if (fault) faults.push({ pointer: `${pointer}/${fault.field}`, detail: fault.detail });
    else await vetUrl(tool, guard, orgId, `${pointer}/url`);
  }
  if (faults.length > 0) throw validationFailed(faults);
}

async function vetUrl(tool: HttpToolSpec, guard: EgressGuard, orgId: string, pointer: string): Promise<void> {
  try {
    await guard.checkUrl(tool.url.replace(/\{[^}]*\}/g, 'x'), orgId);
  } catch (error) {
    const { code, message } = asClavigerError(error);
    throw new ClavigerError(code, `Tool "${tool.name}": ${message}`, {
      errors: [{ pointer, detail: message }],
      cause: error,
    });
  }
}
