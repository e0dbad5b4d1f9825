import type { Installation } from '../series/installation.js';
import { ask, type Answer } from '../series/people.js';
import type { RevocationKind } from './types.js';

/** The operator's switch, which stops every cell of a batch at once: whichever revokes first throws it for all. */
export function killSwitch({ api, operatorToken, db }: Installation): RevocationKind {
  const url = `${api.url}/api/v1/platform/kill-switch`;
  const set = async (enabled: boolean): Promise<Answer> => {
    const answer = await ask('PUT', url, { authorization: `Bearer ${operatorToken}` }, { enabled });
    if (answer.status !== 200) throw new Error(`the kill switch answered ${answer.status}`);
    return answer;
  };
  let thrown: Promise<Answer> | undefined;
  return {
    name: 'kill switch',
    caller: 'owner-token',
    refusal: { status: 503, code: 'ai_disabled' },
    revoke: () => (thrown ??= set(true)),
    restore: async () => {
      thrown = undefined;
      return set(false);
    },
    // It belongs to no organization, so no audit row tells its commit: its own row does.
    commitMs: async () => {
      const { rows } = await db.query<{ at: number }>(
        `SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS at
         FROM platform_settings WHERE key = 'kill_switch'`,
      );
      return rows[0]?.at ?? 0;
    },
  };
}
