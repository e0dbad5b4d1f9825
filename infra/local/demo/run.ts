import type { DataDir } from '../launcher/data-dir.js';
import type { DemoState, State } from '../launcher/state.js';
import { EDITOR, OWNER, signIn, type SignedIn } from './accounts.js';
import { DemoClient } from './client.js';
import { DEMO_PROVIDERS, ensureKey, handOver, type EnsuredKey } from './keys.js';
import { runMainJob } from './main-job.js';
import { recall, remember, type DemoMemory } from './memory.js';
import { ensureEditor } from './people.js';
import { ensureTokens } from './tokens.js';

export interface DemoOutcome {
  ok: boolean;
  /** Undefined when the demo could not even be set up. */
  state?: DemoState;
}

/**
 * Sets the demo up over the public HTTP interface, as people and programs would, and runs the main job once for all three
 * wire protocols, saying each step. What a former start made is used again.
 */
export async function runDemo(
  state: State,
  dataDir: DataDir,
  password: string | null,
  say: (line: string) => void,
): Promise<DemoOutcome> {
  const { memory, isNew } = recall(dataDir.demoFile, password);
  let made: DemoState | undefined;
  try {
    const print = printer(say);
    const api = new DemoClient(state.urls.api);
    const owner = await signIn(api, memory);
    const workspaceId = defaultWorkspace(owner);
    if (isNew) say(`\nDemo accounts: ${OWNER.email} and ${EDITOR.email}, password ${memory.password}`);
    say('\nThe main job, on real parts; only the vendors are fake:');
    const keys = await addKeys(owner, state.urls.upstream ?? '', workspaceId, print);
    const editor = await ensureEditor(api, owner, memory, workspaceId);
    const engine = new DemoClient(state.urls.engine);
    const tokens = await ensureTokens(owner.client, memory, workspaceId, engine);
    Object.assign(memory, tokens);
    made = demoState(owner, workspaceId, memory, tokens);
    const workflow = engine.as({ bearer: tokens.engineToken });
    await runMainJob({ owner: owner.client, editor: editor.client, workflow, workspaceId, keys, print });
    say(`\nThe main job went through. The vendors' own log: ${dataDir.logs}/upstream.jsonl`);
    return { ok: true, state: made };
  } catch (error) {
    say(
      `\nThe main job failed: ${error instanceof Error ? error.message : String(error)}\nThe processes' logs: ${dataDir.logs}`,
    );
    return { ok: false, state: made };
  } finally {
    remember(dataDir.demoFile, memory);
  }
}

async function addKeys(
  owner: SignedIn,
  upstream: string,
  workspaceId: string,
  print: Print,
): Promise<EnsuredKey[]> {
  const keys: EnsuredKey[] = [];
  // By address rather than by name: that is what the demo's entry in CLAVIGER_EGRESS_ALLOW names.
  const address = upstream.replace('localhost', '127.0.0.1');
  for (const demo of DEMO_PROVIDERS) {
    const ensured = await ensureKey(owner.client, demo, address);
    const { key, test, added } = ensured;
    if (!test.ok) throw new Error(`the test of "${key.name}" says ${test.status}: ${test.message}`);
    print(
      OWNER.email,
      `${added ? 'adds' : 'has'} the key "${key.name}" (${key.provider}, ${key.mask ?? 'no secret'}); its test: ${test.status}, ${test.latencyMs} ms`,
    );
    keys.push(ensured);
  }
  const handed = await handOver(
    owner.client,
    workspaceId,
    keys.map(({ key }) => key),
  );
  print(
    OWNER.email,
    handed > 0
      ? `hands ${handed} keys to the workspace ${workspaceId}`
      : `handed them to the workspace ${workspaceId} before`,
  );
  return keys;
}

function defaultWorkspace({ session }: SignedIn): string {
  const workspace = session.workspaces[0];
  if (!workspace) throw new Error('the demo organization has no workspace');
  return workspace.id;
}

function demoState(
  owner: SignedIn,
  workspaceId: string,
  memory: DemoMemory,
  tokens: { engineToken: string; workspaceToken: string },
): DemoState {
  const { password } = memory;
  return {
    orgId: owner.session.org?.id ?? '',
    workspaceId,
    owner: { email: OWNER.email, password },
    editor: { email: EDITOR.email, password },
    ...tokens,
  };
}

type Print = (who: string, what: string) => void;

function printer(say: (line: string) => void): Print {
  let step = 0;
  return (who, what) => {
    step += 1;
    say(`  ${String(step).padStart(2)}  ${who.padEnd(16)}  ${what}`);
  };
}
