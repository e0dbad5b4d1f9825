/** Reads what a Postgres client says (docs: Frontend/Backend Protocol) and counts the statements that it runs. */
export class QueryCounter {
  readonly #runs = new Map<string, number>();

  /** For one connection: takes its bytes in order. */
  listener(): (chunk: Buffer) => void {
    const statements = new Map<string, string>();
    const portals = new Map<string, string>();
    let rest: Buffer = Buffer.alloc(0);
    let isGreeted = false;
    return (chunk) => {
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      for (;;) {
        // The first message has no type: length, version, parameters.
        const at = isGreeted ? 1 : 0;
        if (rest.length < at + 4) return;
        const end = at + rest.readInt32BE(at);
        if (rest.length < end) return;
        if (isGreeted) this.#message(rest.subarray(0, end), statements, portals);
        // A question for TLS is asked before the greeting.
        else isGreeted = rest.readInt32BE(4) !== 80_877_103;
        rest = rest.subarray(end);
      }
    };
  }

  /** How often statements with this in their text were run; all of them unless told. */
  count(part = ''): number {
    return [...this.#runs].reduce((sum, [text, runs]) => sum + (text.includes(part) ? runs : 0), 0);
  }

  #message(message: Buffer, statements: Map<string, string>, portals: Map<string, string>): void {
    const [first, afterFirst] = textAt(message, 5);
    switch (String.fromCharCode(message[0] ?? 0)) {
      case 'P':
        statements.set(first, textAt(message, afterFirst)[0]);
        break;
      case 'B':
        portals.set(first, statements.get(textAt(message, afterFirst)[0]) ?? '');
        break;
      case 'E':
        this.#ran(portals.get(first) ?? '');
        break;
      case 'Q':
        this.#ran(first);
    }
  }

  #ran(text: string): void {
    this.#runs.set(text, (this.#runs.get(text) ?? 0) + 1);
  }
}

/** A text that ends with a zero, and where what follows begins. */
function textAt(message: Buffer, at: number): [string, number] {
  const end = message.indexOf(0, at);
  return end < 0 ? ['', message.length] : [message.toString('utf8', at, end), end + 1];
}
