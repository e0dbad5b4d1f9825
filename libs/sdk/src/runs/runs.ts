import { ClavigerError, ContentNotKeptError } from '../errors.js';
import type { CallOptions } from '../http/options.js';
import { rowsOf } from '../http/pages.js';
import type { Ask, Transport } from '../http/transport.js';
import type { AgentRun, RunFilter, RunInput, RunStatus, ToolOutput } from '../wire.js';
import type { RunEvent } from './events.js';
import { follow } from './follow.js';

/** Seconds that the engine is asked to wait for a run's end. */
const WAIT_S = 30;
const UNDER_WAY: ReadonlySet<RunStatus> = new Set(['queued', 'running']);

/** Agent runs of one workspace. */
export class Runs {
  constructor(
    private readonly transport: Transport,
    /** The workspace's own, below the plane's address. */
    private readonly path: string,
  ) {}

  /**
   * Runs an agent and answers when it is done, or when it waits for its caller (`status: "requires_action"`). It listens to the run's stream,
   * so a lost connection does not lose the run. Throws ClavigerError: why it was refused, or (`runId`) why it failed;
   * ContentNotKeptError: it succeeded, and what it said is told nowhere any more.
   * Aborting leaves the run: the engine stops it 5 s later unless somebody else listens. `cancel` stops it at once.
   */
  async create(input: RunInput, options: CallOptions = {}): Promise<AgentRun> {
    return endOf(this.stream(input, options));
  }

  /**
   * The run's events as they come, each once, over lost connections. Its failure is the event `run.failed`; a refusal is thrown. Where
   * `run.finished` has `contentKept: false`, events between may be missing and its `text` is not the answer.
   */
  stream(input: RunInput, { signal }: CallOptions = {}): AsyncGenerator<RunEvent, void> {
    const first: Ask = { method: 'POST', path: this.#at(), body: withId(input) };
    return this.#follow(first, { signal });
  }

  /** Hands a run over and answers at once (202): it goes on without its caller, whatever happens here. */
  start(input: RunInput, { signal }: CallOptions = {}): Promise<AgentRun> {
    return this.transport.json<AgentRun>({
      method: 'POST',
      path: this.#at(),
      body: withId(input),
      headers: { prefer: 'respond-async' },
      signal,
    });
  }

  /** The end of a run, however long it takes, as `create` gives and throws it. Aborting leaves the run alone. */
  async wait(runId: string, options: CallOptions = {}): Promise<AgentRun> {
    for (;;) {
      const run = await this.#get(runId, options, WAIT_S);
      if (!UNDER_WAY.has(run.status)) return succeeded(run);
    }
  }

  /** The run as it is kept (`contentKept: false`: without what it said); one that failed is an answer, too. */
  get(runId: string, options: CallOptions = {}): Promise<AgentRun> {
    return this.#get(runId, options);
  }

  /** All runs of the workspace that fit, newest first, page after page as they are asked for. */
  list(filter: RunFilter = {}, { signal }: CallOptions = {}): AsyncGenerator<AgentRun, void> {
    return rowsOf<AgentRun>(this.transport, {
      method: 'GET',
      path: this.#at(),
      query: { ...filter },
      signal,
    });
  }

  /** What a run says after the event numbered `after`, from its first one unless told; also of one that is over. */
  events(
    runId: string,
    { after, signal }: CallOptions & { after?: number } = {},
  ): AsyncGenerator<RunEvent, void> {
    const first: Ask = { method: 'GET', path: this.#at(runId, 'events'), headers: afterHeader(after) };
    return this.#follow(first, { after, signal });
  }

  /** Stops a run that waits or is under way; one that is over stays as it is. Answers it as it is then. */
  cancel(runId: string, { signal }: CallOptions = {}): Promise<AgentRun> {
    return this.transport.json<AgentRun>({ method: 'POST', path: this.#at(runId, 'cancel'), signal });
  }

  /** Brings a paused run the outputs of the caller's tools, and answers as `wait` does. The run goes on whatever happens here. */
  async submitToolOutputs(
    runId: string,
    outputs: ToolOutput[],
    { signal }: CallOptions = {},
  ): Promise<AgentRun> {
    const run = await this.transport.json<AgentRun>({
      method: 'POST',
      path: this.#at(runId, 'tool-outputs'),
      body: { outputs },
      headers: { prefer: 'respond-async' },
      signal,
    });
    return UNDER_WAY.has(run.status) ? this.wait(runId, { signal }) : succeeded(run);
  }

  /** As `submitToolOutputs`, with the events that follow the one numbered `after` (the id of `run.requires_action`). */
  streamToolOutputs(
    runId: string,
    outputs: ToolOutput[],
    { after, signal }: CallOptions & { after?: number } = {},
  ): AsyncGenerator<RunEvent, void> {
    const path = this.#at(runId, 'tool-outputs');
    const first: Ask = { method: 'POST', path, body: { outputs }, headers: afterHeader(after) };
    return this.#follow(first, { after, signal });
  }

  #get(runId: string, { signal }: CallOptions, wait?: number): Promise<AgentRun> {
    return this.transport.json<AgentRun>({ method: 'GET', path: this.#at(runId), query: { wait }, signal });
  }

  #follow(first: Ask, how: CallOptions & { after?: number }): AsyncGenerator<RunEvent, void> {
    return follow(this.transport, { first, eventsOf: (runId) => this.#at(runId, 'events'), ...how });
  }

  #at(...parts: string[]): string {
    return [`${this.path}/agent-runs`, ...parts.map(encodeURIComponent)].join('/');
  }
}

/** Made once for a call, so that every try of it joins the same run. */
function withId(input: RunInput): RunInput {
  return { ...input, nodeExecutionId: input.nodeExecutionId ?? crypto.randomUUID() };
}

function afterHeader(after?: number): Record<string, string> {
  return after === undefined ? {} : { 'last-event-id': String(after) };
}

async function endOf(events: AsyncIterable<RunEvent>): Promise<AgentRun> {
  let run: AgentRun | undefined;
  for await (const event of events) {
    if (event.type === 'run.failed') throw new ClavigerError(event.data);
    if (event.type === 'run.finished' || event.type === 'run.requires_action') run = event.data;
  }
  if (!run) throw new TypeError('the stream ended without an answer');
  return succeeded(run);
}

function succeeded(run: AgentRun): AgentRun {
  if (run.error) throw new ClavigerError(run.error);
  // Nobody is to take an empty text for the answer.
  if (run.status === 'succeeded' && run.contentKept === false) throw new ContentNotKeptError(run);
  return run;
}
