import { Inject, Injectable } from '@nestjs/common';
import { asClavigerError, rawBody, runInRequest, type RawExchange } from '#lib/http';
import { LOGGER, type Logger } from '#lib/telemetry';
import { CompatibleCalls } from './compatible-calls.js';
import { Entrance } from './entrance.js';
import { ModelLists } from './model-lists.js';
import type { CallRoute, ListRoute } from './operations.js';
import { ClientAnswer } from './relay/client-answer.js';
import { refuse } from './replies.js';
import type { WireName } from './wire.js';

/** Images and documents travel inside of bodies. */
const BODY_LIMIT = 32 * 1_048_576;

/** Answers the compatible endpoints by hand: bodies stay bytes, and who calls is known before one is read. */
@Injectable()
export class Answering {
  constructor(
    private readonly entrance: Entrance,
    private readonly calls: CompatibleCalls,
    private readonly lists: ModelLists,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  call(
    { operation, path }: CallRoute,
    exchange: RawExchange,
    params: Readonly<Record<string, string>>,
  ): void {
    this.#answer(operation.wire, path, exchange, async (client) => {
      const { headers } = exchange.request;
      const entered =
        this.entrance.atHand(headers, operation.permission) ??
        (await this.entrance.enter(headers, operation.permission));
      const body = await rawBody(exchange.request, BODY_LIMIT);
      await this.calls.serve({ exchange, body, operation, entered, client, params });
    });
  }

  list({ wire, path }: ListRoute, exchange: RawExchange): void {
    this.#answer(wire, path, exchange, async (client) => {
      const entered = await this.entrance.enter(exchange.request.headers, 'workspaces:ListModels');
      const list = await this.lists.list(entered, wire);
      client.send(200, ['content-type', 'application/json'], Buffer.from(JSON.stringify(list), 'utf8'));
    });
  }

  #answer(
    wire: WireName,
    route: string,
    exchange: RawExchange,
    answer: (client: ClientAnswer) => Promise<void>,
  ): void {
    const client = new ClientAnswer(exchange);
    runInRequest(exchange.store, () => {
      answer(client).catch((error: unknown) => {
        // The logger keeps of `err` only what is safe.
        if (asClavigerError(error).code === 'internal')
          this.log.error(
            { requestId: exchange.id, method: exchange.request.method, route, err: error },
            'unexpected failure',
          );
        refuse(wire, error, exchange, client);
      });
    });
  }
}
