import type { Scrubber } from '#lib/providers';
import type { Finding, StreamInspector } from '#lib/limits';

type ScrubberStream = ReturnType<Scrubber['stream']>;

/** One text of a stream: what came of it, and what of that may be told. */
export class SaidChannel {
  /** Characters that came. */
  taken = 0;
  /** Characters that may be told and are what came. */
  told = 0;
  /** Something was taken out: places in what may be told are no places in what came any more. */
  isChanged = false;
  lastEvent: Buffer = Buffer.alloc(0);
  /** What came and is not told, while nothing was taken out. */
  #pending = '';
  /** What may be told and no event has told yet; once something was taken out. */
  #untold = '';
  #passed = 0;
  #shown = '';

  constructor(
    private readonly scrubbed: ScrubberStream,
    private readonly inspector: StreamInspector,
  ) {}

  /** The next piece; answers what an event may say in its place where `isChanged`. */
  push(text: string, event: Buffer): string {
    this.lastEvent = event;
    this.taken += text.length;
    this.#pending += this.isChanged ? '' : text;
    this.#tell(this.inspector.push(this.scrubbed.push(text)));
    return this.isChanged ? this.#rest() : text;
  }

  /** Nothing follows; answers what is left to tell where `isChanged`. */
  end(): string {
    this.#tell(this.inspector.push(this.scrubbed.flush()) + this.inspector.end());
    return this.isChanged ? this.#rest() : '';
  }

  /** The events up to this place were told as they came. */
  passed(place: number): void {
    if (this.isChanged) return;
    this.#shown = this.#shown.slice(place - this.#passed);
    this.#passed = place;
  }

  findings(): Finding[] {
    return this.inspector.findings.splice(0);
  }

  get isBlocked(): boolean {
    return this.inspector.verdict === 'block';
  }

  #rest(): string {
    const rest = this.#untold;
    this.#untold = '';
    return rest;
  }

  #tell(told: string): void {
    if (this.isChanged) return void (this.#untold += told);
    if (this.#pending.startsWith(told)) {
      this.#pending = this.#pending.slice(told.length);
      this.told += told.length;
      this.#shown += told;
      return;
    }
    this.isChanged = true;
    this.#untold = this.#shown + told;
    this.#pending = '';
  }
}
