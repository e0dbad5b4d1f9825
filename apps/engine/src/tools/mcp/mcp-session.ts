import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ListToolsResultSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { asClavigerError } from '#lib/http';
import type { ToolOutcome } from '../http-tool.js';
import { watchFence } from '../watch-fence.js';
import { mcpFetch, type McpWay } from './mcp-fetch.js';
import { outcomeOf } from './mcp-content.js';

/** How long a server may take to say what it has, and to answer one call, in milliseconds. */
const LIST_WITHIN_MS = 30_000;
const CALL_WITHIN_MS = 60_000;
const MOST_PAGES = 10;

/** A conversation with one MCP server over streamable HTTP, for one run. */
export class McpSession {
  private constructor(
    private readonly client: Client,
    private readonly transport: StreamableHTTPClientTransport,
    private readonly fence: ReturnType<typeof watchFence>,
  ) {}

  /** Throws what the fence refuses with, and what the way out or the server says. */
  static async open(url: string, way: McpWay, signal: AbortSignal): Promise<McpSession> {
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
    const session = new McpSession(client, transport, fence);
    try {
      await client.connect(transport, { signal, timeout: LIST_WITHIN_MS });
      return session;
    } catch (error) {
      session.close();
      signal.throwIfAborted();
      fence.throwIfRefused();
      throw error;
    }
  }

  /** Every tool of the server. By the bare request: the client's own method would compile schemas that a stranger wrote. */
  async tools(signal: AbortSignal): Promise<Tool[]> {
    const found: Tool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const request = { method: 'tools/list' as const, params: cursor === undefined ? {} : { cursor } };
      const { tools, nextCursor } = await this.#asked(signal, () =>
        this.client.request(request, ListToolsResultSchema, { signal, timeout: LIST_WITHIN_MS }),
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
      const result = await this.#asked(signal, () =>
        this.client.request(request, CallToolResultSchema, { signal, timeout: CALL_WITHIN_MS }),
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

  async #asked<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      this.fence.throwIfRefused();
      throw error;
    }
  }
}

/** One line about what went wrong with a server; may quote it, so it is scrubbed before it goes anywhere. */
export function sayable(error: unknown): string {
  const known = asClavigerError(error);
  const message = known.code === 'internal' && error instanceof Error ? error.message : known.message;
  return message.replace(/\s+/g, ' ').trim().slice(0, 2_000) || 'no message';
}
