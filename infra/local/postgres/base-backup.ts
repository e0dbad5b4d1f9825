import { createWriteStream } from 'node:fs';
import { PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';

// https://www.postgresql.org/docs/18/protocol-replication.html: the server itself copies its files while it serves, and
// adds the write-ahead log that makes the copy consistent as of its end.
const COMMAND = `BASE_BACKUP (LABEL 'claviger', CHECKPOINT 'fast', WAL true, WAIT true, MANIFEST 'no')`;
const [NEW_ARCHIVE, DATA] = ['n'.charCodeAt(0), 'd'.charCodeAt(0)];

/**
 * Writes a copy of the whole running server to `file`: a tar of its data folder, gzipped. Nobody is kept from writing
 * meanwhile. The package that brings the server has no pg_basebackup or pg_dump, so this speaks its protocol.
 */
export async function takeBaseBackup(superuserUrl: string, file: string): Promise<void> {
  const config = { connectionString: superuserUrl, application_name: 'claviger-backup', replication: 'true' };
  const client = new pg.Client(config);
  client.on('error', () => undefined); // told to the command below as well
  await client.connect();
  try {
    const tar = new PassThrough();
    const command = new BaseBackup(tar);
    const written = pipeline(
      tar,
      createGzip({ level: 1 }),
      createWriteStream(file, { flags: 'wx', mode: 0o600 }),
    );
    client.query(command);
    await Promise.all([command.done, written]);
  } finally {
    await client.end();
  }
}

interface CopyData {
  chunk: Buffer;
}

/** The command as node-postgres runs it: it hands over each message that the server answers. */
class BaseBackup implements pg.Submittable {
  readonly done: Promise<void>;
  #end!: (error?: Error) => void;
  #archives = 0;
  #failed: Error | undefined;

  constructor(private readonly tar: Writable) {
    this.done = new Promise((resolve, reject) => {
      this.#end = (error) => (error ? reject(error) : resolve());
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(COMMAND);
  }

  handleCopyData({ chunk }: CopyData, connection: pg.Connection): void {
    if (chunk[0] === NEW_ARCHIVE) this.#archives += 1;
    if (chunk[0] !== DATA) return;
    // Copied, since the driver uses its buffer again.
    const taken = this.tar.write(Buffer.from(chunk.subarray(1)));
    // What was read already still comes after a pause.
    if (taken || connection.stream.isPaused()) return;
    connection.stream.pause();
    this.tar.once('drain', () => connection.stream.resume());
  }

  handleError(error: Error): void {
    this.#failed = error;
    this.#finish();
  }

  handleReadyForQuery(): void {
    this.#finish();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}

  #finish(): void {
    const fault = this.#failed ?? this.#wrongCount();
    if (fault) this.tar.destroy(fault);
    else this.tar.end();
    this.#end(fault);
  }

  #wrongCount(): Error | undefined {
    if (this.#archives === 1) return undefined;
    return new Error(
      `the server has ${this.#archives} folders of tables: a server with tablespaces is backed up with its own tools.`,
    );
  }
}
