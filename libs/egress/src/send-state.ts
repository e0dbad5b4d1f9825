/**
 * What is known about the bytes of a call, for the question that matters after a failure: may the upstream have acted?
 * One object may be shared by every request of a run; it only ever goes up.
 */
export class SendState {
  #requests = 0;
  #turnedAway = 0;

  /** Called right before headers are written. */
  left(): void {
    this.#requests += 1;
  }

  /** The upstream refused a request for its rate and did nothing; it is made again. */
  turnedAway(): void {
    this.#turnedAway += 1;
  }

  /** How many requests the upstream may have worked on. */
  get worked(): number {
    return this.#requests - this.#turnedAway;
  }

  /** Whether any request's bytes left, so that an upstream may have acted on them. */
  get bytesLeft(): boolean {
    return this.#requests > 0;
  }

  /** How many requests were started. */
  get requests(): number {
    return this.#requests;
  }
}
