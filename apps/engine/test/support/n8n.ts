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
  $vars: Record<string, string>;
  /** Header-auth credentials by their name. */
  headerAuth: Record<string, Named>;
}

/** Names of the nodes that an item went through, and the item that came to the last one. */
export interface N8nRun {
  path: string[];
  json: Json;
}

/** Sends one item through an exported workflow, as n8n does with the nodes of ours: manual trigger, HTTP request 4, If 2, no operation. */
export async function runWorkflow(
  { nodes, connections }: N8nWorkflow,
  world: N8nWorld,
  item: Json,
): Promise<N8nRun> {
  const run: N8nRun = { path: [], json: item };
  let node = nodes.find(({ type }) => type.endsWith('.manualTrigger'));
  while (node) {
    run.path.push(node.name);
    if (run.path.length > 50) throw new Error(`it goes round: ${run.path.join(' → ')}`);
    const { output, json } = await step(node, world, run.json);
    run.json = json;
    const next = connections[node.name]?.main[output]?.[0]?.node;
    node = nodes.find(({ name }) => name === next);
  }
  return run;
}

async function step(node: N8nNode, world: N8nWorld, json: Json): Promise<{ output: number; json: Json }> {
  switch (node.type) {
    case 'n8n-nodes-base.manualTrigger':
    case 'n8n-nodes-base.noOp':
      return { output: 0, json };
    case 'n8n-nodes-base.httpRequest':
      return { output: 0, json: await tried(node, () => request(node, world, json)) };
    case 'n8n-nodes-base.if':
      return { output: holds(node, world, json) ? 0 : 1, json };
    default:
      throw new Error(`no such node here: ${node.type}`);
  }
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

async function request({ parameters, credentials }: N8nNode, world: N8nWorld, json: Json): Promise<Json> {
  const text = (name: string): string => String(evaluated(String(parameters[name]), world, json));
  const named = (name: string): [string, string][] =>
    ((parameters[name] ?? { parameters: [] }) as { parameters: Named[] }).parameters.map(
      ({ name: key, value }) => [key, String(evaluated(value, world, json))],
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
function holds({ parameters }: N8nNode, world: N8nWorld, json: Json): boolean {
  const { conditions, combinator } = parameters['conditions'] as {
    conditions: Condition[];
    combinator: string;
  };
  if (combinator !== 'and') throw new Error(combinator);
  return conditions.every(({ leftValue, operator }) => {
    const value = evaluated(leftValue, world, json);
    if (operator.type !== 'boolean' || typeof value !== 'boolean')
      throw new Error(`not a boolean: ${String(value)}`);
    return value === (operator.operation === 'true');
  });
}

/** A parameter that begins with `=` is a template; one that is a single `{{ … }}` keeps the type of its value. */
function evaluated(parameter: string, { headerAuth: _, ...world }: N8nWorld, $json: Json): unknown {
  if (!parameter.startsWith('=')) return parameter;
  const value = (code: string): unknown =>
    runInNewContext(`(${code})`, { ...world, $json, $itemIndex: 0, JSON });
  const alone = /^=\{\{((?:(?!\}\}).)*)\}\}$/s.exec(parameter)?.[1];
  if (alone) return value(alone);
  return parameter.slice(1).replace(/\{\{(.*?)\}\}/gs, (_whole, code: string) => String(value(code)));
}
