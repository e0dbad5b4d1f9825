import { originOf } from '#lib/catalog';
import { guardedFetch, type EgressGuard } from '#lib/egress';
import { asClavigerError } from '#lib/http';
import type { HttpToolSpec } from '../pipeline/agent-spec.js';
import { withSecrets } from './secret-references.js';
import { toolRequest } from './tool-request.js';
import { watchFence } from './watch-fence.js';

const MAX_RESPONSE_BYTES = 256 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;

/** What the model is told about a tool call: the answer, or what went wrong with it. */
export interface ToolOutcome {
  output: unknown;
  error: string | null;
}

export interface ToolCallOptions {
  guard: EgressGuard;
  orgId: string;
  /** The fence: a tool is not called for somebody whose rights have ended. */
  beforeSend: () => void | Promise<void>;
  signal: AbortSignal;
  /** What the tool's headers name, opened, by name. */
  secrets: ReadonlyMap<string, string>;
}

/**
 * Calls an http tool. What the tool itself does wrong (a status of 400 and above, no answer in time, too long an answer, an address
 * that is not allowed) is an outcome for the model to read. Throws only when the run itself has to end: its signal, or the fence.
 */
export async function callHttpTool(
  tool: HttpToolSpec,
  input: unknown,
  options: ToolCallOptions,
): Promise<ToolOutcome> {
  const timeoutMs = tool.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  const fence = watchFence(options.beforeSend);
  try {
    const { url, headers, ...init } = toolRequest(tool, input);
    const send = guardedFetch({
      guard: options.guard,
      orgId: options.orgId,
      // The tool's own place and no other: where its secrets may go was asked of that one.
      allowedOrigins: [originOf(tool.url) ?? ''],
      beforeSend: fence.ask,
      headerDeadlineMs: timeoutMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    });
    const signal = AbortSignal.any([options.signal, timeout]);
    const response = await send(url, { ...init, headers: withSecrets(headers, options.secrets), signal });
    const output = await readAnswer(response);
    return { output, error: response.ok ? null : `the tool answered with status ${response.status}` };
  } catch (error) {
    options.signal.throwIfAborted();
    fence.throwIfRefused();
    return {
      output: null,
      error: timeout.aborted ? `the tool did not answer within ${timeoutMs} ms` : reasonOf(error),
    };
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!/\bjson\b/i.test(response.headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reasonOf(error: unknown): string {
  const known = asClavigerError(error);
  if (known.code !== 'internal') return known.message;
  return error instanceof Error ? error.message : 'the tool call failed';
}
