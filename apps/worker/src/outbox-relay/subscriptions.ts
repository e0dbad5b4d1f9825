import { VERSION_DRAIN_MS, type DomainEvent } from '#lib/contracts';

/** A job that an event asks for. */
export interface SubscribedJob {
  queue: 'shredding';
  payload: { orgId: string; secretId: string; version: number };
  delayMs: number;
}

/** The jobs that follow from an event; most events are only for listeners and for the record. */
export function jobsFor(event: DomainEvent): SubscribedJob[] {
  if (event.topic !== 'secret-version.retired') return [];
  const { secretId, version } = event.ids;
  if (typeof secretId !== 'string' || typeof version !== 'number') return [];
  return [
    { queue: 'shredding', payload: { orgId: event.orgId, secretId, version }, delayMs: VERSION_DRAIN_MS },
  ];
}
