import type { Clock } from '#lib/kernel';
import type { NoticeStore } from '#lib/persistence';

const BATCH = 200;

/**
 * Tells OWNERs of keys that end: 30, 7 and 1 days before and at the end, once each. A key that is nearer than that when it
 * is first seen gets the nearest notice only. Several workers may run at once: the notice's own row decides who wrote it.
 */
export class ExpiryNoticesService {
  constructor(
    private readonly store: Pick<NoticeStore, 'dueExpiries' | 'add'>,
    private readonly clock: Clock,
  ) {}

  /** Writes what is due now. Answers how many notices this process wrote. */
  async run(): Promise<number> {
    const now = this.clock.now();
    let written = 0;
    for (;;) {
      const before = written;
      const due = await this.store.dueExpiries(now, BATCH);
      for (const notice of due) if (await this.store.add(notice, now)) written += 1;
      // A full batch of which nothing was ours to write is another worker's, which goes on by itself.
      if (due.length < BATCH || written === before) return written;
    }
  }
}
