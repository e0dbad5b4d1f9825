/** Which answers of the database get lost: those to the COMMIT of a transaction in which a statement with this text was sent. */
export type HeldBack = string | null;

/** Reads what a process sends over one connection, and says from when on its answers are held back. */
export class CommitWatch {
  #isInside = false;
  #holds = false;

  /** Whether nothing may reach the process any more. */
  get holds(): boolean {
    return this.#holds;
  }

  /** The transaction is committed by the database, and its process never hears of it. */
  sent(chunk: Buffer, wanted: HeldBack): void {
    if (wanted === null || this.#holds) return;
    const text = chunk.toString('latin1');
    if (text.includes(wanted)) this.#isInside = true;
    if (!this.#isInside) return;
    if (text.includes('COMMIT')) this.#holds = true;
    else if (text.includes('ROLLBACK')) this.#isInside = false;
  }
}
