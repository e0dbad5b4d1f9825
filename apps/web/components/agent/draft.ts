import type { Agent } from '@/lib/api/runs';

/** The node as it is being written. */
export interface Draft {
  /** `provider/id`, or null for the workspace's default. */
  model: string | null;
  system: string;
  prompt: string;
  maxOutputTokens: number | string;
  tools: string;
}

/** The tools as written, or null when they are no JSON array. */
export function parseTools(text: string): unknown[] | null {
  if (text.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** `provider/id` taken apart; ids may hold slashes of their own. */
function modelOf(key: string | null): { provider?: string; model?: string } {
  if (!key) return {};
  const slash = key.indexOf('/');
  return { provider: key.slice(0, slash), model: key.slice(slash + 1) };
}

/** What is sent: a chosen model comes with its provider, so that two vendors' models of one name are told apart. */
export function toAgent(draft: Draft): Agent {
  const tools = parseTools(draft.tools) ?? [];
  return {
    prompt: draft.prompt,
    ...modelOf(draft.model),
    ...(draft.system.trim() ? { system: draft.system } : {}),
    ...(typeof draft.maxOutputTokens === 'number' ? { maxOutputTokens: draft.maxOutputTokens } : {}),
    ...(tools.length > 0 ? { tools } : {}),
  };
}
