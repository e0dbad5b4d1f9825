import { randomHex } from '#lib/kernel';

/** Where a request stands in a distributed trace (W3C Trace Context, level 1). */
export interface TraceContext {
  /** 32 hexadecimal digits: the caller's, or a new one. */
  traceId: string;
  /** 16 hexadecimal digits: this request's own. */
  spanId: string;
  /** The caller's span, 16 hexadecimal digits; null: the trace begins here. */
  parentId: string | null;
  /** Whether the caller records the trace. */
  sampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Continues the caller's trace under a span of our own. A header that is missing or not well-formed begins a new trace. */
export function traceContextFrom(header: string | string[] | undefined): TraceContext {
  const spanId = randomHex(8);
  if (header === undefined) return { traceId: randomHex(16), spanId, parentId: null, sampled: false };
  const [, version, traceId, parentId, flags, more] = (typeof header === 'string' && FORM.exec(header)) || [];
  const isValid =
    version !== undefined &&
    version !== 'ff' &&
    // Version 00 ends after the flags; a later one may say more, which we pass over.
    !(version === '00' && more !== undefined) &&
    !/^0+$/.test(traceId ?? '') &&
    !/^0+$/.test(parentId ?? '');
  if (!isValid || traceId === undefined)
    return { traceId: randomHex(16), spanId, parentId: null, sampled: false };
  return { traceId, spanId, parentId: parentId ?? null, sampled: (parseInt(flags ?? '0', 16) & 1) === 1 };
}

/** The header for whoever is answered or asked next. */
export function traceparentOf({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
