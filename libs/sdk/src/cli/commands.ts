import { ClavigerError, ContentNotKeptError } from '../errors.js';
import { secretFrom, UsageError, type Io } from './io.js';
import { oneLine, plain, table } from './print.js';
import { Session } from './session.js';
import { SettingsFile, tokenName } from './settings.js';

/** Options that a command may be given, by their long names. */
export interface Options {
  [name: string]: string | boolean | undefined;
  api?: string;
  engine?: string;
  workspace?: string;
  name?: string;
  provider?: string;
  model?: string;
  'base-url'?: string;
  'default-model'?: string;
  node?: string;
  force?: boolean;
  stream?: boolean;
  json?: boolean;
}

/** One command: what follows it, and what it does. */
export interface Command {
  words: string;
  usage: string;
  run(io: Io, options: Options, rest: string[]): Promise<void>;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const came: T[] = [];
  for await (const item of items) came.push(item);
  return came;
}

function show<Row extends object>(
  io: Io,
  { json }: Options,
  rows: Row[],
  columns: (keyof Row & string)[],
): void {
  if (json) return rows.forEach((row) => io.say(JSON.stringify(row)));
  const head = columns.map((name) => name.toUpperCase());
  for (const line of table([head, ...rows.map((row) => columns.map((name) => row[name]))])) io.say(line);
}

const session = (io: Io): Session => new Session(new SettingsFile(io).read());

function required(options: Options, name: string): string {
  const value = options[name];
  if (typeof value !== 'string') throw new UsageError(`--${name} is missing.`);
  return value;
}

function id([first]: string[]): string {
  if (!first) throw new UsageError('Which one? Its id is missing.');
  return first;
}

export const COMMANDS: readonly Command[] = [
  {
    words: 'login',
    usage: '--api <url> | --engine <url> [--workspace <ws_…>] < token',
    async run(io, options) {
      const file = new SettingsFile(io);
      const token = await secretFrom(io, 'token');
      const { api: apiUrl, engine: engineUrl, workspace: workspaceId } = options;
      const given = {
        ...(apiUrl && { apiUrl }),
        ...(engineUrl && { engineUrl }),
        ...(workspaceId && { workspaceId }),
      };
      const settings = { ...file.read(), ...given, [tokenName(token)]: token };
      const asked = new Session(settings);
      // Asked once before it is kept: a token that is mistyped is told now.
      if (tokenName(token) === 'apiToken') await asked.admin.workspaces.list().next();
      else await asked.engine().models();
      file.write({ ...given, [tokenName(token)]: token });
      io.say('Logged in.');
    },
  },
  {
    words: 'logout',
    usage: '',
    async run(io) {
      new SettingsFile(io).remove();
      io.say('The token is forgotten here; revoke it under Settings → Tokens.');
    },
  },
  {
    words: 'ai-providers list',
    usage: '[--json]',
    async run(io, options) {
      const keys = await all(session(io).admin.aiProviders.list());
      show(io, options, keys, ['id', 'name', 'provider', 'status', 'mask']);
    },
  },
  {
    words: 'ai-providers create',
    usage: '--name <name> --provider <slug> [--base-url <url>] [--default-model <id>] [--json] < secret',
    async run(io, options) {
      const [name, provider] = [required(options, 'name'), required(options, 'provider')];
      const { 'base-url': baseUrl, 'default-model': defaultModel } = options;
      const { admin } = session(io);
      const secret = await secretFrom(io, 'secret');
      const key = await admin.aiProviders.create({ name, provider, secret, baseUrl, defaultModel });
      show(io, options, [key], ['id', 'name', 'provider', 'status', 'mask']);
    },
  },
  {
    words: 'ai-providers test',
    usage: '<aip_…> [--json]',
    async run(io, options, rest) {
      const test = await session(io).admin.aiProviders.test(id(rest));
      if (options.json) io.say(JSON.stringify(test));
      else io.say(`${test.ok ? 'ok' : 'refused'}: ${oneLine(test.message)} (${test.latencyMs} ms)`);
      if (!test.ok) throw new TestFailed();
    },
  },
  {
    words: 'ai-providers delete',
    usage: '<aip_…> [--force]',
    async run(io, { force }, rest) {
      await session(io).admin.aiProviders.delete(id(rest), { force });
      io.say('Deleted.');
    },
  },
  {
    words: 'workspaces',
    usage: '[--json]',
    async run(io, options) {
      show(io, options, await all(session(io).admin.workspaces.list()), ['id', 'name', 'defaultProvider']);
    },
  },
  {
    words: 'models',
    usage: '[--workspace <ws_…>] [--json]',
    async run(io, options) {
      const { data } = await session(io).engine(options.workspace).models();
      show(io, options, data, ['id', 'provider', 'name', 'contextWindow']);
    },
  },
  {
    words: 'run',
    usage: '[--model <id>] [--workspace <ws_…>] [--node <execution id>] [--stream] [--json] <prompt>',
    async run(io, options, rest) {
      const prompt = rest.join(' ');
      if (prompt === '') throw new UsageError('What is it to do? The prompt is missing.');
      const { runs } = session(io).engine(options.workspace);
      const input = { nodeExecutionId: options.node, agent: { model: options.model, prompt } };
      if (!options.stream) {
        const run = await runs.create(input);
        return io.say(options.json ? JSON.stringify(run) : plain(run.text));
      }
      for await (const event of runs.stream(input)) {
        if (options.json) io.say(JSON.stringify(event));
        else if (event.type === 'text.delta') io.tell(plain(event.data.delta));
        if (event.type === 'run.failed') throw new ClavigerError(event.data);
        if (event.type === 'run.finished' && event.data.contentKept === false)
          throw new ContentNotKeptError(event.data);
      }
      if (!options.json) io.say('');
    },
  },
];

/** A test that the vendor refused: it was told, and the exit code says it. */
export class TestFailed extends Error {}
