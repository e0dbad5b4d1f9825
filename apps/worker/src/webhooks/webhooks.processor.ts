import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RestoreWatch, WebhookMessages, type DeliveryClaim } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { ANSWER_WITHIN_MS } from './endpoint.js';
import { WebhookSenderService } from './webhook-sender.service.js';

const LOOK_MS = 1_000;
/** Under way at once: in this process, and over all of them to one endpoint and for one organization. */
const SLOTS = 64;
const PER_WEBHOOK = 4;
const PER_ORG = 16;
/** Longer than an attempt with all that is around it: what is handed out again was not being sent any more. */
const HOLD_SECONDS = 2 * (ANSWER_WITHIN_MS / 1_000) + 30;
const LAST_WORDS_MS = 5_000;

/** Takes what is due as long as it has room, so that a slow endpoint holds up its own messages only. */
@Injectable()
export class WebhooksProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #underWay = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #claiming: Promise<void> | undefined;

  constructor(
    private readonly messages: WebhookMessages,
    private readonly sender: WebhookSenderService,
    private readonly watch: RestoreWatch,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.wake(), LOOK_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#claiming;
    const cutOff = setTimeout(() => this.#end.abort(), LAST_WORDS_MS);
    await Promise.all(this.#underWay);
    clearTimeout(cutOff);
  }

  private wake(): void {
    // An old copy's messages were sent before it was copied, or are not to be: an operator says which.
    if (this.#timer === undefined || this.#claiming !== undefined || this.watch.refused) return;
    this.#claiming = this.claim().finally(() => {
      this.#claiming = undefined;
    });
  }

  private async claim(): Promise<void> {
    const limit = SLOTS - this.#underWay.size;
    if (limit === 0) return;
    try {
      const bounds = { limit, perWebhook: PER_WEBHOOK, perOrg: PER_ORG, holdSeconds: HOLD_SECONDS };
      for (const claim of await this.messages.claim(bounds)) this.begin(claim);
    } catch (err) {
      this.log.warn({ err }, 'webhooks can’t be looked for; it tries again in a second');
    }
  }

  private begin(claim: DeliveryClaim): void {
    const { orgId, webhookId, deliveryId } = claim;
    const attempt = this.sender
      .attempt(claim, this.#end.signal)
      .catch((err: unknown) =>
        this.log.warn({ err, orgId, webhookId, deliveryId }, 'an attempt was broken off; it is made again'),
      )
      .finally(() => {
        this.#underWay.delete(attempt);
        this.wake();
      });
    this.#underWay.add(attempt);
  }
}
