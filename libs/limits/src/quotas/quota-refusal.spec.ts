import { describe, expect, it } from '@jest/globals';
import type { QuotaScopeType } from '#lib/contracts';
import { quotaExceeded } from './quota-refusal.js';

const refused = (scope: QuotaScopeType) =>
  quotaExceeded([
    {
      ...{ quotaId: 'quo_1', name: 'Board’s ceiling', scope, scopeId: 'x', retryAfterSeconds: 60 },
      ...{ metric: 'cost_micro_usd', window: 'month', max: 12_500_000, used: 9_000_000 },
      ...{ reserved: 70_000, needed: 4_000_000 },
    },
  ]);

describe('#45 what the caller of a refused call is told', () => {
  it.each(['workspace', 'token'] as const)('of a budget of its own %s: name, limit and use', (scope) => {
    const { code, message, extras } = refused(scope);
    expect(code).toBe('budget_exceeded');
    expect(message).toMatch(
      /^The budget "Board’s ceiling" allows this \w+ \$12\.50 a month .*: \$9\.00 are used/,
    );
    expect(extras).toMatchObject({ max: 12_500_000, used: 9_000_000, reserved: 70_000 });
  });

  it.each(['organization', 'key'] as const)(
    'of one of the whole %s: that it is full, and whom to ask',
    (scope) => {
      const { message, extras } = refused(scope);
      expect(message).toMatch(/^A budget of the (organization|key) has no room for this call in this month/);
      expect(message).toMatch(
        /up to \$4\.00.*begins in 60 s; an OWNER or ADMIN .* Settings → Plan & Usage\.$/,
      );
      expect(message).not.toMatch(/Board|12\.50|9\.00/);
      expect(extras).toMatchObject({ quotaId: 'quo_1', scope, window: 'month', retryAfterSeconds: 60 });
      expect(Object.keys(extras ?? {})).not.toEqual(expect.arrayContaining(['used']));
    },
  );
});
