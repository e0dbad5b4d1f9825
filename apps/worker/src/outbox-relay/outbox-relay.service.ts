import { Inject, Injectable } from '@nestjs/common';
import { JobQueue } from '#lib/queue';
import { WebhookMessages, WorkerStore, type PublishedEvent } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { SHREDDING_QUEUE } from '../queues.module.js';
import { messageOf } from './subscribed-messages.js';
import { jobsFor } from './subscriptions.js';

const BATCH = 100;

/**
 * Turns committed events into jobs, and into messages of webhooks. The outbox row is the truth: it is marked only after its jobs are in the queue
 * and its messages written, and the event's id is theirs, so that a relay that dies in between, or a second one, adds nothing twice.
 * One that cannot be published holds up no other: it is put off, longer each time.
 */
@Injectable()
export class OutboxRelayService {
  constructor(
    private readonly store: WorkerStore,
    private readonly messages: WebhookMessages,
    @Inject(SHREDDING_QUEUE) private readonly shredding: JobQueue<'shredding'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Publishes what waits. Answers how many events went; a full batch means that more may wait. */
  async relay(): Promise<{ published: number; more: boolean }> {
    const events = await this.store.unpublishedEvents(BATCH);
    const published: string[] = [];
    for (const event of events) if (await this.tried(event)) published.push(event.id);
    await this.store.markPublished(published);
    return { published: published.length, more: events.length === BATCH };
  }

  /** False: it is put off. Throws where not even that can be written: then nothing is lost, and all of it is tried again. */
  private async tried(event: PublishedEvent): Promise<boolean> {
    try {
      await this.publish(event);
      return true;
    } catch (err) {
      const { id: eventId, topic } = event;
      const attempt = await this.store.deferEvent(eventId);
      this.log.error(
        { err, eventId, topic, attempt },
        'an event could not be published; it is tried again later',
      );
      return false;
    }
  }

  private async publish(event: PublishedEvent): Promise<void> {
    for (const job of jobsFor(event))
      await this.shredding.add(job.payload, { jobId: event.id, delayMs: job.delayMs });
    const message = messageOf(event);
    if (message) await this.messages.write(message);
  }
}
