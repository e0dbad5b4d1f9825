/** `A`: NotificationResponse (PostgreSQL documentation, "Message Formats"). */
const NOTIFICATION = 'A'.charCodeAt(0);
/** A type byte and a length that counts itself but not the type. */
const HEAD = 5;

/**
 * Reads what a Postgres server sends, in whatever pieces it comes, and answers the pieces to pass on. Of each notification
 * `drop` is asked whether it gets lost. Whole messages only: a notification may come in two pieces.
 */
export function withoutNotifications(drop: () => boolean): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const parts: Buffer[] = [];
    while (rest.length >= HEAD) {
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) break;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (message[0] !== NOTIFICATION || !drop()) parts.push(message);
    }
    return parts.length > 1 ? [Buffer.concat(parts)] : parts;
  };
}
