import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ErrorCode,
  ListToolsResultSchema,
  McpError,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { ClavigerError } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { ToolOutcome } from '../http-tool.js';
import { watchFence } from '../watch-fence.js';
import { mcpFetch, type McpWay } from './mcp-fetch.js';
import { outcomeOf } from './mcp-content.js';

/** How long a server may take to say what it has, and to answer one call, in milliseconds. */
export interface McpPatience {
  listMs: number;
  callMs: number;
}
const PATIENCE: McpPatience = { listMs: 30_000, callMs: 60_000 };
const MOST_PAGES = 10;

/** A conversation with one MCP server over streamable HTTP, for one run. */
export class McpSession {
  private constructor(
    private readonly client: Client,
    private readonly transport: StreamableHTTPClientTransport,
    private readonly fence: ReturnType<typeof watchFence>,
    private readonly patience: McpPatience,
  ) {}

  /** Throws what the fence refuses with, and what the way out or the server says; upstream_timeout where that takes too long. */
  static async open(
    url: string,
    way: McpWay,
    signal: AbortSignal,
    patience: McpPatience = PATIENCE,
  ): Promise<McpSession> {
    const fence = watchFence(way.beforeSend);
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      fetch: mcpFetch(url, { ...way, beforeSend: fence.ask }),
      // Nothing is asked for twice, and nothing is listened to that was not asked for.
      reconnectionOptions: {
        maxRetries: 0,
        initialReconnectionDelay: 1_000,
        maxReconnectionDelay: 1_000,
        reconnectionDelayGrowFactor: 1,
      },
    });
    const client = new Client({ name: 'claviger', version: '0.1.0' });
    const session = new McpSession(client, transport, fence, patience);
    const timeout = patience.listMs;
    try {
      await client.connect(transport, { signal, timeout });
      return session;
    } catch (error) {
      session.close();
      signal.throwIfAborted();
      fence.throwIfRefused();
      throw named(error, timeout);
    }
  }

  /** Every tool of the server. By the bare request: the client's own method would compile schemas that a stranger wrote. */
  async tools(signal: AbortSignal): Promise<Tool[]> {
    const found: Tool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const request = { method: 'tools/list' as const, params: cursor === undefined ? {} : { cursor } };
      const { tools, nextCursor } = await this.#asked(signal, this.patience.listMs, (options) =>
        this.client.request(request, ListToolsResultSchema, options),
      );
      found.push(...tools);
      if (nextCursor === undefined) break;
      cursor = nextCursor;
    }
    return found;
  }

  /** What goes wrong with the call is an outcome for the model to read. Throws only when the run itself has to end. */
  async call(name: string, input: unknown, signal: AbortSignal): Promise<ToolOutcome> {
    const given = typeof input === 'object' && input !== null ? { ...input } : {};
    const request = { method: 'tools/call' as const, params: { name, arguments: given } };
    try {
      const result = await this.#asked(signal, this.patience.callMs, (options) =>
        this.client.request(request, CallToolResultSchema, options),
      );
      return outcomeOf(result);
    } catch (error) {
      signal.throwIfAborted();
      this.fence.throwIfRefused();
      return { output: null, error: sayable(error) };
    }
  }

  /** Ends the conversation. Whether the server hears of it is its own matter: nobody waits for that. */
  close(): void {
    const { client, transport } = this;
    void (async () => {
      await transport.terminateSession().catch(() => undefined);
      await client.close().catch(() => undefined);
    })();
  }

  async #asked<T>(
    signal: AbortSignal,
    timeout: number,
    ask: (options: { signal: AbortSignal; timeout: number }) => Promise<T>,
  ): Promise<T> {
    try {
      return await ask({ signal, timeout });
    } catch (error) {
      signal.throwIfAborted();
      this.fence.throwIfRefused();
      throw named(error, timeout);
    }
  }
}

/** A server that took too long, by our own name for it; whatever else went wrong as it is. */
function named(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof McpError) || error.code !== Number(ErrorCode.RequestTimeout)) return error;
  const detail = `the server did not answer within ${timeoutMs} ms`;
  return new ClavigerError('upstream_timeout', detail, { cause: error });
}

/** One line about what went wrong with a server; may quote it, so it is scrubbed before it goes anywhere. */
export function sayable(error: unknown): string {
  const known = asClavigerError(error);
  const message = known.code === 'internal' && error instanceof Error ? error.message : known.message;
  return message.replace(/\s+/g, ' ').trim().slice(0, 2_000) || 'no message';
}
