import { readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import { inspect } from 'node:util';

/** What came of one message through a function node. */
export interface FunctionRun {
  /** By output, what was sent there. */
  sent: Record<string, unknown>[][];
  statuses: { fill: string; text: string }[];
  errors: { text: string; msg: Record<string, unknown> }[];
  done: number;
}

export interface FunctionNode {
  id: string;
  outputs: number;
  /** The node's own environment, and the modules of its Setup tab by their variables. */
  env: Record<string, string>;
  libs: Record<string, unknown>;
}

/**
 * Runs the text of a function node on one message as Node-RED does (core/function/10-function.js): the body of an async function in a
 * context of its own, which has no `require`, no `process` and no `fetch`; what it returns or hands to `node.send` goes to the outputs.
 */
export async function runFunctionNode(
  file: string,
  { id, outputs, env, libs }: FunctionNode,
  msg: Record<string, unknown>,
): Promise<FunctionRun> {
  const run: FunctionRun = {
    sent: Array.from({ length: outputs }, () => []),
    statuses: [],
    errors: [],
    done: 0,
  };
  const send = (msgs: unknown): void => {
    const byOutput: unknown[] = Array.isArray(msgs) ? msgs : [msgs];
    for (const [output, one] of byOutput.entries()) {
      if (one === null || one === undefined) continue;
      if (typeof one !== 'object') throw new Error(`sent no message: ${inspect(one)}`);
      run.sent[output]?.push({ ...one, _msgid: msg['_msgid'] });
    }
  };
  const node = {
    ...{ id, name: '', log() {}, warn() {}, debug() {}, trace() {}, on() {}, send },
    error: (text: string, at: Record<string, unknown>) => void run.errors.push({ text, msg: at }),
    status: (status: FunctionRun['statuses'][number]) => void run.statuses.push(status),
    done: () => void (run.done += 1),
  };
  const globals = { console, Buffer, setTimeout, clearTimeout, setInterval, clearInterval, ...libs };
  const context = createContext({ ...globals, env: { get: (name: string) => env[name] }, msg, node });
  const body = `(async function (msg, node) {\n${readFileSync(file, 'utf8')}\n})(msg, node)`;
  const returned = (await new Script(body, { filename: file }).runInContext(context)) as unknown;
  if (returned) send(returned);
  return run;
}
