import { runInNewContext } from 'node:vm';

type Json = Record<string, unknown>;
interface Named {
  name: string;
  value: string;
}
interface N8nNode {
  name: string;
  type: string;
  parameters: Json;
  retryOnFail?: boolean;
  maxTries?: number;
  credentials?: Record<string, { name: string }>;
}
export interface N8nWorkflow {
  nodes: N8nNode[];
  connections: Record<string, { main: { node: string }[][] }>;
}
export interface N8nWorld {
  $execution: { id: string };
  $workflow: { id: string };
  /** Header-auth credentials by their name. */
  headerAuth: Record<string, Named>;
}

/** Names of the nodes that an item went through, and the item that came to the last one. */
export interface N8nRun {
  path: string[];
  json: Json;
}

/** Sends one item through an exported workflow, as n8n does with the nodes of ours: manual trigger, Set 3, HTTP request 4, If 2, no operation, stop and error 1. */
export async function runWorkflow(
  { nodes, connections }: N8nWorkflow,
  world: N8nWorld,
  item: Json,
): Promise<N8nRun> {
  const run: N8nRun = { path: [], json: item };
  const seen = new Map<string, Json>();
  let node = nodes.find(({ type }) => type.endsWith('.manualTrigger'));
  while (node) {
    run.path.push(node.name);
    if (run.path.length > 50) throw new Error(`it goes round: ${run.path.join(' → ')}`);
    const evaluate = evaluator(world, seen, run.json);
    const output = await step(node, world, run, evaluate);
    seen.set(node.name, run.json);
    const next = connections[node.name]?.main[output]?.[0]?.node;
    node = nodes.find(({ name }) => name === next);
  }
  return run;
}

type Evaluate = (parameter: string) => unknown;

/** Runs a node on the item of `run`. Answers the output that the item leaves by. */
async function step(node: N8nNode, world: N8nWorld, run: N8nRun, evaluate: Evaluate): Promise<number> {
  switch (node.type) {
    case 'n8n-nodes-base.manualTrigger':
    case 'n8n-nodes-base.noOp':
      return 0;
    case 'n8n-nodes-base.set':
      run.json = { ...run.json, ...assigned(node, evaluate) };
      return 0;
    case 'n8n-nodes-base.httpRequest':
      run.json = await tried(node, () => request(node, world, evaluate));
      return 0;
    case 'n8n-nodes-base.if':
      return holds(node, evaluate) ? 0 : 1;
    case 'n8n-nodes-base.stopAndError':
      throw new Error(String(evaluate(String(node.parameters['errorMessage']))));
    default:
      throw new Error(`no such node here: ${node.type}`);
  }
}

function assigned({ parameters }: N8nNode, evaluate: Evaluate): Json {
  const { assignments } = parameters['assignments'] as { assignments: Named[] };
  return Object.fromEntries(assignments.map(({ name, value }) => [name, evaluate(value)]));
}

/** A node with "Retry On Fail"; its pauses are not what is tested. */
async function tried<T>({ retryOnFail, maxTries = 1 }: N8nNode, once: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await once();
    } catch (error) {
      if (!retryOnFail || tries >= maxTries) throw error;
    }
  }
}

async function request(
  { parameters, credentials }: N8nNode,
  world: N8nWorld,
  evaluate: Evaluate,
): Promise<Json> {
  const text = (name: string): string => String(evaluate(String(parameters[name])));
  const named = (name: string): [string, string][] =>
    ((parameters[name] ?? { parameters: [] }) as { parameters: Named[] }).parameters.map(
      ({ name: key, value }) => [key, String(evaluate(value))],
    );
  const credential = world.headerAuth[credentials?.['httpHeaderAuth']?.name ?? ''];
  if (parameters['genericAuthType'] !== 'httpHeaderAuth' || !credential) throw new Error('no credential');
  const url = new URL(text('url'));
  if (parameters['sendQuery'])
    for (const [name, value] of named('queryParameters')) url.searchParams.set(name, value);
  const body = parameters['sendBody'] && parameters['specifyBody'] === 'json' ? text('jsonBody') : undefined;
  const answer = await fetch(url, {
    method: text('method'),
    headers: {
      [credential.name]: credential.value,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(parameters['sendHeaders'] ? Object.fromEntries(named('headerParameters')) : {}),
    },
    body,
  });
  if (!answer.ok) throw new Error(`${answer.status} - ${await answer.text()}`);
  return (await answer.json()) as Json;
}

interface Condition {
  leftValue: string;
  operator: { type: string; operation: string };
}

/** Boolean conditions alone, which must be booleans ("strict"). */
function holds({ parameters }: N8nNode, evaluate: Evaluate): boolean {
  const { conditions, combinator } = parameters['conditions'] as {
    conditions: Condition[];
    combinator: string;
  };
  if (combinator !== 'and') throw new Error(combinator);
  return conditions.every(({ leftValue, operator }) => {
    const value = evaluate(leftValue);
    if (operator.type !== 'boolean' || typeof value !== 'boolean')
      throw new Error(`not a boolean: ${String(value)}`);
    return value === (operator.operation === 'true');
  });
}

/** A parameter that begins with `=` is a template; one that is a single `{{ … }}` keeps the type of its value. */
function evaluator({ $execution, $workflow }: N8nWorld, seen: Map<string, Json>, $json: Json): Evaluate {
  const $ = (name: string) => ({ item: { json: seen.get(name) } });
  const names = { $execution, $workflow, $json, $, $itemIndex: 0, JSON };
  const value = (code: string): unknown => runInNewContext(`(${code})`, names);
  return (parameter) => {
    if (!parameter.startsWith('=')) return parameter;
    const alone = /^=\{\{((?:(?!\}\}).)*)\}\}$/s.exec(parameter)?.[1];
    if (alone) return value(alone);
    return parameter.slice(1).replace(/\{\{(.*?)\}\}/gs, (_whole, code: string) => String(value(code)));
  };
}
