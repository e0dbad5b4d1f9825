import { SeededRandom } from '../pii/random.js';
import type { RefPolicy, RefRule } from './world.js';

/** Up to three policies; two of three block. */
export function randomPolicies(random: SeededRandom, options: { timeless?: boolean }): RefPolicy[] {
  if (!random.chance(0.3)) return [];
  return Array.from({ length: random.int(1, 3) }, () => ({
    scope: random.pick(['organization', 'workspace', 'token']),
    severity: random.pick(['HIGH', 'HIGH', 'HIGH', 'HIGH', 'MEDIUM', 'LOW']),
    rules: Array.from({ length: random.int(1, 2) }, () => randomRule(random, options)),
  }));
}

function randomRule(random: SeededRandom, { timeless }: { timeless?: boolean }): RefRule {
  if (!timeless && random.chance(0.1)) return randomWindow(random);
  const side = random.chance(0.5) ? 'deny' : 'allow';
  const rules: [RefRule, ...RefRule[]] = [
    { type: 'providers', [side]: [random.pick(['alpha', 'beta', 'delta']), 'gamma'] },
    { type: 'models', deny: [random.pick(['a-*', 'beta/*', '*SHARED-?', 'd-b*g', '*/b-one'])] },
    { type: 'models', allow: [random.pick(['alpha/*', '*-one', '?-*', 'shared-1']), 'delta/*'] },
    { type: 'surfaces', [side]: [random.pick(['chat', 'agent_complex']), 'docgen'] },
    { type: 'tools', [side]: [random.pick(['delete_*', 'get_*', '*_thing_?'])] },
    { type: 'tools', kinds: [random.pick(['http', 'client'])] },
    { type: 'max_output_tokens', max: random.pick([50, 2000]) },
  ];
  return random.pick(rules);
}

/** Open about half of the time: by day, over midnight, a whole day; east and west of Greenwich. */
function randomWindow(random: SeededRandom): RefRule {
  const days = [0, 1, 2, 3, 4, 5, 6].filter(() => random.chance(0.7));
  const [from, to] = random.pick([
    ['08:00', '20:30'],
    ['20:00', '09:15'],
    ['00:00', '00:00'],
    ['12:00', '12:00'],
  ]);
  const timeZone = random.pick(['Etc/GMT-9', 'Etc/GMT-1', 'Etc/GMT+0', 'Etc/GMT+5']);
  return { type: 'time_window', days: days.length > 0 ? days : [3], from, to, timeZone };
}
