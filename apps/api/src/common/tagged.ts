/** An answer together with its entity tag. */
export interface Tagged<Body> {
  body: Body;
  etag: string;
}

interface HeaderSink {
  header(name: string, value: string): unknown;
}

/** Sets the ETag of `answer` on `reply` and gives the body to send. */
export async function withETag<Body>(reply: HeaderSink, answer: Promise<Tagged<Body>>): Promise<Body> {
  const { body, etag } = await answer;
  reply.header('ETag', etag);
  return body;
}
