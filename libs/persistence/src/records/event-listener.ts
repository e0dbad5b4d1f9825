import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import type { DomainEvent, RunSignal } from '#lib/contracts';
import { EVENT_CHANNEL } from './append-outbox.js';
import { RUN_CHANNEL } from './signal-run.js';

export interface EventListenerOptions {
  databaseUrl: string;
  /** Told when the connection was lost; the listener goes on trying by itself. */
  onTrouble?: (error: unknown) => void;
  /** Whether signals of runs are listened for, too. */
  runs?: boolean;
}

type EventHandler = (event: DomainEvent) => void;

const LONGEST_WAIT_MS = 5_000;

/**
 * Hears of committed changes on a connection of its own. Notifications may be lost while it is disconnected:
 * nothing may depend on them for safety (CUSTODY §4), and `onGap` says when to drop what was kept.
 */
export class EventListener implements OnModuleInit, OnApplicationShutdown {
  readonly #handlers = new Set<EventHandler>();
  readonly #runHandlers = new Set<(signal: RunSignal) => void>();
  readonly #gapHandlers = new Set<() => void>();
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #attempt = 0;
  #stopped = true;

  constructor(private readonly options: EventListenerOptions) {}

  /** Calls `handler` for each change from now on. Answers a function that ends it. */
  on(handler: EventHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Calls `handler` for each signal of a run from now on. Answers a function that ends it. */
  onRun(handler: (signal: RunSignal) => void): () => void {
    this.#runHandlers.add(handler);
    return () => this.#runHandlers.delete(handler);
  }

  /** Calls `handler` whenever changes may have been missed: after each reconnection. */
  onGap(handler: () => void): () => void {
    this.#gapHandlers.add(handler);
    return () => this.#gapHandlers.delete(handler);
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Resolves once listening; when the database is away, it resolves too and goes on trying. */
  async start(): Promise<void> {
    this.#stopped = false;
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async onModuleInit(): Promise<void> {
    await this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.databaseUrl,
      application_name: 'claviger-events',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client.on('notification', ({ channel, payload }) => this.#deliver(channel, payload));
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('connection ended')));
    try {
      await client.connect();
      await client.query(`LISTEN ${EVENT_CHANNEL}`);
      if (this.options.runs) await client.query(`LISTEN ${RUN_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      this.#again(error);
      return;
    }
    if (this.#stopped) return client.end();
    this.#client = client;
    if (this.#attempt > 0) for (const handler of this.#gapHandlers) handler();
    this.#attempt = 0;
  }

  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    this.#again(error);
  }

  #again(error: unknown): void {
    if (this.#stopped) return;
    this.options.onTrouble?.(error);
    const wait = Math.min(100 * 2 ** this.#attempt, LONGEST_WAIT_MS);
    this.#attempt += 1;
    this.#retry = setTimeout(() => void this.#connect(), wait).unref();
  }

  #deliver(channel: string, payload: string | undefined): void {
    if (!payload) return;
    if (channel === RUN_CHANNEL) {
      const signal = JSON.parse(payload) as RunSignal;
      for (const handler of this.#runHandlers) handler(signal);
      return;
    }
    const event = JSON.parse(payload) as DomainEvent;
    for (const handler of this.#handlers) handler(event);
  }
}
