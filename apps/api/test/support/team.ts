import type { Person } from './person.js';
import type { TestApi } from './test-api.js';

/** Brings a new person into the owner's organization the way people do: link, account, approval. Their session works there. */
export async function joinAs(
  api: Pick<TestApi, 'stranger'>,
  owner: Person,
  role: 'OWNER' | 'ADMIN' | 'MEMBER',
): Promise<Person> {
  const { person, memberId } = await joinPending(api, owner, role);
  const approved = await owner.post(`/members/${memberId}/approve`, {});
  if (approved.status !== 200)
    throw new Error(`approval answered ${approved.status}: ${JSON.stringify(approved.body)}`);
  return person.take(await person.get('/auth/me'));
}

let joiners = 0;

/** A person who accepted an invite and waits for approval. */
export async function joinPending(
  api: Pick<TestApi, 'stranger'>,
  owner: Person,
  role: string,
): Promise<{ person: Person; memberId: string }> {
  const invite = await owner.post('/invites', { role });
  const person = api.stranger();
  const email = `joiner-${(joiners += 1)}@example.test`;
  const body = { email, password: 'correct horse battery', name: 'Joiner' };
  const accepted = await person.post(`/invites/${invite.body.token}/accept`, body);
  if (accepted.status !== 201)
    throw new Error(`accepting answered ${accepted.status}: ${JSON.stringify(accepted.body)}`);
  const cookie: unknown = accepted.headers['set-cookie']?.[0];
  if (typeof cookie === 'string') person.cookie = cookie.split(';', 1)[0];
  person.csrfToken = accepted.body.session.csrfToken;
  person.email = email;
  return { person, memberId: accepted.body.memberId };
}
