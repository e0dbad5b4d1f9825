import { ClsServiceManager, type ClsStore } from 'nestjs-cls';
import { newId } from '#lib/kernel';
import type { RateLimit } from './rate-limit.js';
import { traceparentOf, type TraceContext } from './trace-context.js';

/** Who is calling, as far as logs, audit rows and idempotency need it. Set by the access guard. */
export interface Caller {
  /** `usr_…`, `tok_…` or `operator`. */
  actor: string;
  orgId: string | null;
}

interface RequestStore extends ClsStore {
  requestId: string;
  ip: string | null;
  caller: Caller | null;
  trace: TraceContext;
  /** By name: what is left of the quotas that this request counted against. */
  rateLimits: Map<string, RateLimit>;
}

const INBOUND_ID = /^[A-Za-z0-9._-]{8,128}$/;
const cls = ClsServiceManager.getClsService<RequestStore>();

/** The request that the current code works for. Outside of one (jobs, boot) there is no ip and no caller. */
export const requestContext = {
  /** The id in `X-Request-Id`; a fresh one where no request is being served. */
  get requestId(): string {
    return cls.isActive() ? cls.get().requestId : newId('req');
  },
  /** What every log line of this request holds; nothing outside of one. */
  get logFields(): RequestLogFields {
    return cls.isActive() ? logFieldsOf(cls.get()) : {};
  },
  /** For calls that this request makes of the other plane: they belong to its trace. Undefined outside of a request. */
  get traceparent(): string | undefined {
    return cls.isActive() ? traceparentOf(cls.get().trace) : undefined;
  },
  /** Where this request stands in its trace. Undefined outside of a request. */
  get trace(): TraceContext | undefined {
    return cls.isActive() ? cls.get().trace : undefined;
  },
  rateLimit(name: string): RateLimit | undefined {
    return cls.isActive() ? cls.get().rateLimits.get(name) : undefined;
  },
  /** Tells the caller, in the headers of the answer, what is left of a quota. The last word on each counts. */
  setRateLimit(limit: RateLimit): void {
    if (cls.isActive()) cls.get().rateLimits.set(limit.name, limit);
  },
  /** The store of the request that is being served. @throws Error outside of one */
  get store(): RequestStore {
    return cls.get();
  },
  get ip(): string | null {
    return cls.isActive() ? cls.get().ip : null;
  },
  get caller(): Caller | null {
    return cls.isActive() ? cls.get().caller : null;
  },
  setCaller(caller: Caller): void {
    if (cls.isActive()) cls.get().caller = caller;
  },
};

/** The caller's own request id when it is well-formed, else a new `req_…`. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && INBOUND_ID.test(header) ? header : newId('req');
}

export interface RequestLogFields {
  requestId?: string;
  traceId?: string;
  spanId?: string;
}

export function logFieldsOf({ requestId, trace }: RequestStore): RequestLogFields {
  return { requestId, traceId: trace.traceId, spanId: trace.spanId };
}

export function newRequestStore(requestId: string, ip: string | null, trace: TraceContext): RequestStore {
  return { requestId, ip, caller: null, trace, rateLimits: new Map() };
}

export function runInRequest(store: RequestStore, fn: () => void): void {
  cls.runWith(store, fn);
}

export type { RequestStore };
