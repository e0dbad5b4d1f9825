import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import { OtlpExporter, type ExportObserver, type OtlpPost } from './otlp-exporter.js';
import { samplerOf, type SamplerSettings } from './sampler.js';

/** Where a span stands in a trace: below `parentId`, or at the trace's root where that is null (W3C Trace Context). */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  parentId: string | null;
  /** Whether whoever made the parent records it. */
  sampled: boolean;
}

/** A span that has begun. */
export interface OpenSpan {
  /** What its children are begun with. */
  readonly asParent: TraceParent;
  /** Once; `errorType` is a stable word for what went wrong, null where nothing did. */
  end(attributes: Attributes, errorType: string | null): void;
}

export interface NewSpan {
  name: string;
  kind: 'client' | 'internal';
  attributes: Attributes;
  /** Undefined: a trace of its own. */
  parent: TraceParent | undefined;
}

export interface TracingOptions {
  protocol: 'http/protobuf' | 'http/json';
  /** `service.name` and whatever else tells this process from others. */
  resource: Attributes;
  sampler: SamplerSettings;
  post: OtlpPost;
  observer: ExportObserver;
}

/** From a span's end to its export, in milliseconds. */
const EXPORT_EVERY_MS = 1_000;
/** Spans that wait for a collector; further ones are dropped, since a call must never wait for it. */
const MOST_WAITING = 4_096;
const LONGEST_TEXT = 200;
/** How long a process that ends waits for its last spans, in milliseconds. */
const LAST_EXPORT_MS = 2_000;

/**
 * The spans of a process, sent to the operator's collector in batches and beside every call. Nothing is registered globally: no library of
 * a vendor finds a tracer that it could put prompts into.
 */
export class Tracing {
  readonly #ids = new Ids();
  readonly #provider: TracerProvider | null;
  readonly #observer: ExportObserver | undefined;

  /** @param options null: no span is made. */
  constructor(options: TracingOptions | null) {
    this.#observer = options?.observer;
    this.#provider = options && providerOf(options, this.#ids);
  }

  /** Whether spans are made at all; whoever would have to gather something for one asks first. */
  get isOn(): boolean {
    return this.#provider !== null;
  }

  /** Undefined: nobody records this one. */
  start({ name, kind, attributes, parent }: NewSpan): OpenSpan | undefined {
    if (!this.#provider) return undefined;
    if (parent?.parentId === null) this.#ids.nextTrace = parent.traceId;
    const tracer = this.#provider.getTracer('claviger');
    const options = { kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes };
    const span = tracer.startSpan(name, options, contextOf(parent));
    this.#ids.nextTrace = null;
    if (!span.isRecording()) return undefined;
    const { traceId, spanId } = span.spanContext();
    this.#observer?.('recorded', 1);
    return {
      asParent: { traceId, parentId: spanId, sampled: true },
      end: (more, errorType) => {
        span.setAttributes(more);
        if (errorType !== null) {
          span.setAttribute('error.type', errorType);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  }

  /** Sends what waits, as far as that takes no more than 2 s. Never throws. */
  async shutdown(): Promise<void> {
    if (!this.#provider) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_EXPORT_MS);
    });
    await Promise.race([this.#provider.shutdown().catch(() => undefined), patience]);
    clearTimeout(timer);
  }
}

/** Random ids, but for a trace that has its id already: the one that the request's log lines name. */
class Ids implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  nextTrace: string | null = null;

  generateTraceId(): string {
    return this.nextTrace ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }
}

function providerOf(
  { protocol, resource, sampler, post, observer }: TracingOptions,
  ids: Ids,
): TracerProvider {
  const exporter = new OtlpExporter(protocol, post, observer);
  const timing = { scheduledDelayMillis: EXPORT_EVERY_MS, maxQueueSize: MOST_WAITING };
  return new TracerProvider({
    resource: resourceFromAttributes(resource),
    sampler: samplerOf(sampler),
    idGenerator: ids,
    spanLimits: { attributeValueLengthLimit: LONGEST_TEXT },
    spanProcessors: [new BatchSpanProcessor({ exporter, ...timing })],
  });
}

function contextOf(parent: TraceParent | undefined): Context {
  if (!parent?.parentId) return ROOT_CONTEXT;
  const { traceId, parentId: spanId, sampled } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
}
