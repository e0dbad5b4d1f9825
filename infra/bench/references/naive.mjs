// The same governed call written the ordinary way: three queries by Prisma, the key decrypted, fetch, an awaited insert. It is given
// what makes it faster: Fastify, a pool of 10 connections, no row-level security, no policy, no rate limit, no scrubber.
//   node naive.mjs <database URL> <base URL of the upstream> <the vendor's key>
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../dist/libs/persistence/src/generated/client.js';
import fastify from 'fastify';

const [databaseUrl, upstream, secret] = process.argv.slice(2);
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: 10 }) });
const key = randomBytes(32);
const sealed = seal(secret);
let made;
const app = fastify({ bodyLimit: 32 * 1_048_576 });

app.post('/v1/chat/completions', async (request, reply) => {
  const given = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const tokenHash = createHash('sha256').update(given).digest();
  const token = await prisma.token.findUnique({ where: { tokenHash } });
  if (!token || token.revokedAt || !token.workspaceId)
    return reply.code(401).send({ error: 'unauthenticated' });
  const { orgId, workspaceId } = token;
  const assignment = await prisma.assignment.findFirst({
    where: { orgId, workspaceId, active: true },
    orderBy: { priority: 'asc' },
  });
  if (!assignment) return reply.code(403).send({ error: 'no key' });
  const providerKey = await prisma.providerKey.findUnique({
    where: { orgId_id: { orgId, id: assignment.providerKeyId } },
  });
  if (!providerKey?.enabled) return reply.code(403).send({ error: 'no key' });
  const answer = await fetch(`${upstream}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${open(sealed)}`, 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  const body = await answer.json();
  await prisma.usageRecord.create({
    data: {
      ...{
        orgId,
        id: randomUUID(),
        runId: await run(token),
        workspaceId,
        providerKeyId: providerKey.id,
        keyVersion: 1,
      },
      ...{ provider: providerKey.provider, model: body.model, principalId: token.id, outcome: 'ok' },
      ...{ inputTokens: body.usage.prompt_tokens, outputTokens: body.usage.completion_tokens },
      ...{ cachedInputTokens: 0, reasoningTokens: 0, costMicroUsd: 1n },
    },
  });
  return reply.code(answer.status).send(body);
});

/** Receipts belong to a run: one is made for all of them, so that a call costs one insert. */
function run({ id: principalId, orgId, workspaceId }) {
  made ??= prisma.agentRun
    .create({
      data: {
        ...{
          orgId,
          id: randomUUID(),
          workspaceId,
          nodeExecutionId: 'naive',
          principalId,
          status: 'succeeded',
        },
        requestHash: randomBytes(32),
      },
    })
    .then(({ id }) => id);
  return made;
}

function seal(text) {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return {
    nonce,
    bytes: Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]),
    tag: cipher.getAuthTag(),
  };
}

function open({ nonce, bytes, tag }) {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(tag);
  return decipher.update(bytes, undefined, 'utf8') + decipher.final('utf8');
}

await app.listen({ port: 0, host: '127.0.0.1' });
console.log(JSON.stringify({ port: app.server.address().port }));
