import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';

/** What is done of an execution, one line for each node, on disk before anybody is told. */
export class Journal {
  readonly done = new Map<string, string>();
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    // A line that a crash cut off was told to nobody.
    if (whole !== text) writeFileSync(file, whole);
    for (const line of whole.split('\n').filter(Boolean)) {
      const { node, text: answer } = JSON.parse(line) as { node: string; text: string };
      this.done.set(node, answer);
    }
  }

  write(node: string, text: string): void {
    const file = openSync(this.#file, 'a', 0o600);
    appendFileSync(file, `${JSON.stringify({ node, text })}\n`);
    fsyncSync(file);
    closeSync(file);
    this.done.set(node, text);
  }
}
