import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Posts a batch to the collector; answers the status, rejects where there is none. Its deadline is its own. */
export type OtlpPost = (body: Uint8Array, contentType: string) => Promise<number>;

/** Told how many spans were recorded, and what became of them. */
export type ExportObserver = (outcome: 'recorded' | 'exported' | 'lost', count: number) => void;

type Told = Parameters<SpanExporter['export']>[1];
const [SUCCESS, FAILED] = [0, 1];

const FORMS = {
  'http/protobuf': { serializer: ProtobufTraceSerializer, contentType: 'application/x-protobuf' },
  'http/json': { serializer: JsonTraceSerializer, contentType: 'application/json' },
};

/**
 * Sends batches of spans over OTLP/HTTP through the way out that it is given: the packages' own exporters open connections by themselves.
 * A batch that the collector does not take is lost: spans are no record of anything, and keeping them would cost the calls memory.
 */
export class OtlpExporter implements SpanExporter {
  readonly #form: (typeof FORMS)[keyof typeof FORMS];
  readonly #under = new Set<Promise<void>>();

  constructor(
    protocol: keyof typeof FORMS,
    private readonly post: OtlpPost,
    private readonly observer: ExportObserver,
  ) {
    this.#form = FORMS[protocol];
  }

  export(spans: ReadableSpan[], told: Told): void {
    const sending = this.#send(spans).then((isTaken) => {
      this.observer(isTaken ? 'exported' : 'lost', spans.length);
      told({ code: isTaken ? SUCCESS : FAILED });
    });
    this.#under.add(sending);
    void sending.finally(() => this.#under.delete(sending));
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#under);
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  async #send(spans: ReadableSpan[]): Promise<boolean> {
    try {
      const body = this.#form.serializer.serializeRequest(spans);
      if (!body) return false;
      const status = await this.post(body, this.#form.contentType);
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }
}
