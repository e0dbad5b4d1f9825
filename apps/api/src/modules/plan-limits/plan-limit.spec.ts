import { describe, expect, it } from '@jest/globals';
import { planAllowsModel, planLimitsOf } from '#lib/contracts';
import { countOf, executionsCounter, whatToDo } from './plan-limit.js';

describe('#41 plan limits', () => {
  it('a limit that is absent or null is none', () => {
    const none = {
      keys: null,
      workspaces: null,
      members: null,
      executionsPerMonth: null,
      mcpServers: null,
      historyDays: null,
      models: null,
    };
    expect(planLimitsOf({ keys: 3, workspaces: null, members: 0 })).toEqual({ ...none, keys: 3, members: 0 });
    expect(planLimitsOf(null)).toEqual(none);
    expect(planLimitsOf({ models: [], historyDays: 7 })).toEqual({ ...none, models: [], historyDays: 7 });
  });

  it.each([
    [null, 'openai', 'gpt-4.1', true],
    [[], 'openai', 'gpt-4.1', false],
    [['*'], 'openrouter', 'a/b:free', true],
    [['openai/*'], 'openai', 'gpt-4.1', true],
    [['openai/*'], 'openai-like', 'gpt-4.1', false],
    [['openai/gpt-4.1'], 'openai', 'gpt-4.1-mini', false],
    [['*/*-mini', 'openai/o*'], 'openai', 'gpt-4.1-mini', true],
    [['openai/a*a'], 'openai', 'a', false],
    [['openai/a*a'], 'openai', 'aa', true],
    [['openai/*b*b'], 'openai', 'xbyb', true],
    [['openai/gpt.4'], 'openai', 'gpt-4', false],
  ])('models %j let %s/%s through: %s', (models, provider, model, allowed) => {
    expect(planAllowsModel({ models }, provider, model)).toBe(allowed);
  });

  it('says what to do about a limit as soon as it is reached, and what is read-only beyond it', () => {
    expect([whatToDo('keys', null, 99, 0), whatToDo('keys', 3, 2, 0)]).toEqual([null, null]);
    expect(whatToDo('keys', 3, 3, 0)).toContain('the next one is refused');
    expect(whatToDo('keys', 3, 5, 2)).toMatch(/2 provider keys are read-only: nothing was deleted/);
  });

  it('executions are counted by the month in UTC', () => {
    expect(executionsCounter(new Date('2026-11-30T23:59:59Z'))).toBe('executions:2026-11');
    expect(executionsCounter(new Date('2026-12-01T00:30:00+01:00'))).toBe('executions:2026-11');
  });

  it('counts are spelt as people read them', () => {
    expect([countOf('keys', 1), countOf('keys', 3)]).toEqual(['1 provider key', '3 provider keys']);
  });
});
