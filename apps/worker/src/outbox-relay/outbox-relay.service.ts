import { Inject, Injectable } from '@nestjs/common';
import { JobQueue } from '#lib/queue';
import { WebhookMessages, WorkerStore, type PublishedEvent } from '#lib/persistence';
import { SHREDDING_QUEUE } from '../queues.module.js';
import { messageOf } from './subscribed-messages.js';
import { jobsFor } from './subscriptions.js';

const BATCH = 100;

/**
 * Turns committed events into jobs, and into messages of webhooks. The outbox row is the truth: it is marked only after its jobs are in the queue
 * and its messages written, and the event's id is theirs, so that a relay that dies in between, or a second one, adds nothing twice.
 */
@Injectable()
export class OutboxRelayService {
  constructor(
    private readonly store: WorkerStore,
    private readonly messages: WebhookMessages,
    @Inject(SHREDDING_QUEUE) private readonly shredding: JobQueue<'shredding'>,
  ) {}

  /** Publishes what waits. Answers how many events there were; a full batch means that more may wait. */
  async relay(): Promise<{ published: number; more: boolean }> {
    const events = await this.store.unpublishedEvents(BATCH);
    for (const event of events) await this.publish(event);
    await this.store.markPublished(events.map((event) => event.id));
    return { published: events.length, more: events.length === BATCH };
  }

  private async publish(event: PublishedEvent): Promise<void> {
    for (const job of jobsFor(event))
      await this.shredding.add(job.payload, { jobId: event.id, delayMs: job.delayMs });
    const message = messageOf(event);
    if (message) await this.messages.write(message);
  }
}
