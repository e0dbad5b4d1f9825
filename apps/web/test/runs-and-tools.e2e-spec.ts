import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startFakeUpstream, startStack, type FakeUpstream, type RunningStack } from '#lib/testing';
import { person, startBrowser, type Person } from './support/browser.js';
import { isFit, isFitEverywhere } from './support/is-fit.js';
import { button, focusedOn, goTo, sees, settled, signIn, signUp } from './support/steps.js';

const OWNER = { name: 'Rita Runner', email: 'rita@runs.test', password: 'a sentence of rita' };
const SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}';

jest.setTimeout(240_000);

let upstream: FakeUpstream;
let stack: RunningStack;
let browser: Browser;
let owner: Person;
let workspaceId: string;

/** What the page's own scripts could ask of a plane. */
async function ask<T>(page: Page, method: string, path: string, body?: object): Promise<T> {
  const answer = await page.evaluate<{ status: number; body: T }>(`(async () => {
    const { csrfToken } = await (await fetch('/api/v1/auth/me')).json();
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrfToken };
    const init = { method: ${JSON.stringify(method)}, headers, body: ${JSON.stringify(body && JSON.stringify(body))} };
    const response = await fetch(${JSON.stringify(path)}, init);
    return { status: response.status, body: await response.json().catch(() => null) };
  })()`);
  return answer.body;
}

beforeAll(async () => {
  upstream = await startFakeUpstream();
  stack = await startStack({ env: { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstream.port}` } });
  browser = await startBrowser();
  owner = await person(browser, stack.state.urls.web);
  const { page } = owner;
  await signUp(page, OWNER, 'Runs Ltd');
  const session = await ask<{ workspaces: { id: string }[] }>(page, 'GET', '/api/v1/auth/me');
  workspaceId = session.workspaces[0]!.id;
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await upstream?.stop();
});

describe('#61 runs, tools and usage in a browser', () => {
  it('a workspace without runs teaches where they come from', async () => {
    const { page } = owner;
    await page.getByRole('link', { name: 'Runs of Default' }).click();
    await page.waitForURL('**/w/default/runs');
    await settled(page);
    await sees(page, page.getByRole('heading', { name: 'No runs yet' }));
    await isFit(page, 'no runs');
    const key = { name: 'Runs OpenAI', provider: 'openai', secret: 'sk-runs-0123456789abcdef' };
    const baseUrl = upstream.baseUrls.openai;
    const { id } = await ask<{ id: string }>(page, 'POST', '/api/v1/ai-providers', { ...key, baseUrl });
    const assignments = [{ aiProviderId: id, priority: 0, weight: 1, active: true }];
    await ask(page, 'PUT', `/api/v1/workspaces/${workspaceId}/ai-providers`, { assignments });
    // The page could not know of what was not done in it.
    await page.reload();
  });

  it('#29 an MCP server is registered, handed to a workspace, and offered to its Agent node', async () => {
    const { page } = owner;
    await goTo(page, '/settings/mcp-servers');
    await sees(page, page.getByRole('heading', { name: 'No MCP servers yet' }));
    await button(page, 'Add an MCP server').click();
    await page.getByLabel('Name', { exact: true }).fill('Tickets');
    await page.getByLabel('URL').fill(`http://127.0.0.1:${upstream.port}/mcp`);
    await page.getByLabel('Authorization').fill('a bearer of tickets');
    await button(page, 'Save and hand to workspaces').click();
    await page.getByRole('dialog', { name: 'Tickets' }).getByLabel('Default').click();
    await sees(page, page.getByText('Tickets is handed to Default'));
    await isFit(page, 'an MCP server');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const row = page.getByRole('row', { name: /Tickets/ });
    await sees(page, row.getByText('1 workspace'));
    expect(await row.innerText()).not.toContain('a bearer of tickets');
    await sees(page, row.getByText('Where a node asks', { exact: true }));
    await isFitEverywhere(page, 'MCP servers');
  });

  it('#37 an owner says that calls to it wait, and that only people approve them', async () => {
    const { page } = owner;
    const dialog = page.getByRole('dialog', { name: 'Tickets' });
    const open = async () => {
      await button(page, 'Edit Tickets').click();
      await dialog.getByRole('tab', { name: 'Server' }).click();
    };
    await open();
    await page.getByLabel('Its calls').selectOption('always');
    await page.getByLabel('Who may approve').selectOption('people');
    await isFitEverywhere(page, 'whose word calls to an MCP server need');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await sees(page, page.getByRole('row', { name: /Tickets/ }).getByText('Each call, by people'));
    const servers = await ask<{ data: object[] }>(page, 'GET', '/api/v1/mcp-servers');
    expect(servers.data).toMatchObject([{ approval: 'always', approvers: 'people' }]);
    await open();
    expect(await page.getByLabel('Its calls').inputValue()).toBe('always');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await isFitEverywhere(page, 'MCP servers whose calls wait');
  });

  it('#33 #35 #37 the node gets tools and a form of answer; a tool of the caller is answered by hand', async () => {
    const { page } = owner;
    await goTo(page, '/w/default/agent');
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: /gpt-4\.1-mini/ }).click();
    await page.getByLabel('Prompt').fill('Where is she?');
    await page.getByText('Tools and limits').click();
    await button(page, 'Add a tool: Client-side').click();
    await page.getByLabel('Tool name').fill('ask_person');
    await page.getByLabel('What it is for').fill('Asks the person in front of the screen.');
    await page.getByLabel('Input, as JSON Schema').fill('{"type": "object", "required": ["q"]}');
    await button(page, 'Keep the tool').click();
    await sees(page, page.getByText('"required" names "q", which is none of the properties.'));
    await page.getByLabel('Input, as JSON Schema').fill('{"type": "object", "properties": {}}');
    await button(page, 'Keep the tool').click();
    await button(page, 'Add a tool: MCP server').click();
    await page.getByLabel('Server', { exact: true }).selectOption({ label: 'Tickets' });
    await button(page, 'Keep the tool').click();
    await button(page, 'Remove Tickets').click();
    await button(page, 'Add a tool: HTTP').click();
    await page.getByLabel('Headers').fill('nonsense');
    await button(page, 'Keep the tool').click();
    await sees(page, page.getByText(/this line is none: nonsense/));
    await isFitEverywhere(page, 'writing a tool');
    await button(page, 'Cancel').click();
    await page.getByLabel('Tool choice').selectOption('tool:ask_person');
    await page.getByLabel('Steps at most').fill('5');
    await page.getByLabel('Output', { exact: true }).selectOption('json');
    await page.getByLabel('Schema of the answer').fill('{');
    await sees(page, page.getByText(/This is no JSON/));
    expect(await button(page, 'Try it').isDisabled()).toBe(true);
    await page.getByLabel('Schema of the answer').fill(SCHEMA);

    upstream.script(
      { text: '', toolCalls: [{ name: 'ask_person', input: {} }], usage: { input: 10, output: 5 } },
      { text: '{"city":"Oslo"}', usage: { input: 20, output: 7 } },
    );
    await button(page, 'Try it').click();
    await page.getByLabel('Output of ask_person').fill('{"where": "Oslo"}');
    await isFitEverywhere(page, 'a run that waits');
    await button(page, 'Go on').click();
    await sees(page, page.getByText('Finished', { exact: true }));
    await sees(page, page.getByRole('list', { name: 'Tool calls' }).getByText('Answered'));
    await sees(page, page.getByText('30 in, 12 out'));
    expect(await page.locator('pre').innerText()).toBe('{\n  "city": "Oslo"\n}');
    await isFit(page, 'a run with a structured answer');
  });

  it('the runs are listed, filtered by the address, opened, cancelled and run again', async () => {
    const { page } = owner;
    const agent = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
    const tools = [
      { type: 'client', name: 'ask', description: 'Asks.', inputSchema: { type: 'object', properties: {} } },
    ];
    const post = (nodeExecutionId: string, more: object = {}) =>
      ask(page, 'POST', `/engine/internal/v1/workspaces/${workspaceId}/agent-runs`, {
        ...{ nodeExecutionId, workflow: { id: 'nightly' } },
        agent: { ...agent, ...more },
      });
    upstream.script({ text: '', toolCalls: [{ name: 'ask', input: {} }] });
    await post('waits', { tools });
    upstream.script({ status: 401 });
    await post('refused');
    await goTo(page, '/w/default/runs');
    const rows = page.getByRole('table', { name: 'Runs' }).getByRole('row');
    await sees(page, rows.nth(3));
    await isFitEverywhere(page, 'runs');
    await page.getByLabel('Status').selectOption('failed');
    await page.waitForURL('**/runs?status=failed');
    await rows.nth(2).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /, run refused$/ }).click();
    const drawer = page.getByRole('dialog', { name: 'Run' });
    await sees(page, drawer.getByText('Next: An owner tests the key'));
    await sees(page, drawer.getByText('Request id'));
    expect(await drawer.getByRole('button', { name: 'Run again' }).isEnabled()).toBe(true);
    await isFit(page, 'a run that failed');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(
      await focusedOn(page, (await rows.nth(1).getByRole('button').getAttribute('aria-label'))!),
    ).toMatch(/refused$/);

    await page.goto('/w/default/runs?workflow=nightly&status=requires_action');
    await page.getByRole('button', { name: /, run waits$/ }).click();
    await drawer.getByRole('button', { name: 'Cancel the run' }).click();
    await sees(page, drawer.getByText('Cancelled', { exact: true }));

    await page.goto('/w/default/runs?status=succeeded');
    await rows.nth(1).getByRole('button').click();
    await sees(page, drawer.getByText('Runs OpenAI'));
    await sees(page, drawer.getByText('The model was done'));
    await drawer.getByRole('tab', { name: 'Attempts' }).click();
    await sees(page, drawer.getByText('Vendor’s request').first());
    await drawer.getByRole('tab', { name: 'Steps' }).click();
    await sees(page, drawer.getByText('ask_person'));
    await isFitEverywhere(page, 'the steps of a run');
    await drawer.getByRole('tab', { name: 'Overview' }).click();
    upstream.script({ text: '', toolCalls: [{ name: 'ask_person', input: {} }] });
    await drawer.getByRole('button', { name: 'Run again' }).click();
    await sees(page, drawer.getByText('It waits for what ask_person gives'));
    expect(page.url()).toMatch(/\?run=run_/);
    await isFit(page, 'a run that was run again');
    expect(owner.complaints).toEqual([]);
  });

  it('#38 a run that somebody else asked runs again, and one of which nothing is kept says why it can not', async () => {
    const { page } = owner;
    // A browser that never tried anything: what is asked again is what the engine keeps.
    const other = await person(browser, stack.state.urls.web);
    await signIn(other.page, OWNER);
    await other.page.goto('/w/default/runs?status=failed&workflow=nightly');
    await other.page.getByRole('button', { name: /, run refused$/ }).click();
    const drawer = other.page.getByRole('dialog', { name: 'Run' });
    upstream.script({ text: 'This time it went well.' });
    await drawer.getByRole('button', { name: 'Run again' }).click();
    await sees(other.page, drawer.getByText('This time it went well.'));

    const rules = [{ type: 'retention', content: 'metadata' }];
    const policy = { name: 'Forget', description: '', severity: 'LOW', enabled: true, rules };
    const scope = { type: 'workspace', id: workspaceId };
    const { id } = await ask<{ id: string }>(page, 'POST', '/api/v1/policies', { ...policy, scope });
    const forgotten = { nodeExecutionId: 'forgotten', agent: { model: 'gpt-4.1-mini', prompt: 'Hi.' } };
    const runs = `/engine/internal/v1/workspaces/${workspaceId}/agent-runs`;
    // The engine knows of a new policy within two seconds.
    for (let kept = true, n = 0; kept; n += 1) {
      upstream.script({ text: 'Once.' });
      const body = { ...forgotten, nodeExecutionId: `forgotten-${n}` };
      kept = !(await ask<{ retention?: string }>(page, 'POST', runs, body)).retention;
    }
    await other.page.goto('/w/default/runs');
    await other.page
      .getByRole('button', { name: /, run forgotten-/ })
      .first()
      .click();
    await sees(other.page, drawer.getByText(/this workspace keeps no content of its runs/));
    expect(await drawer.getByRole('button', { name: 'Run again' }).isDisabled()).toBe(true);
    await isFit(other.page, 'a run that is not kept');
    await ask(page, 'DELETE', `/api/v1/policies/${id}`);
    expect(other.complaints).toEqual([]);
    await other.context.close();
  });

  it('#37 a tool that asks first waits for a word, in Try it and on the page of runs', async () => {
    const { page } = owner;
    // With its tools it starts open.
    await page.goto('/w/default/agent');
    await settled(page);
    await page.getByLabel('Output', { exact: true }).selectOption('text');
    await button(page, 'Edit ask_person').click();
    await page.getByLabel('Ask somebody before each call').check();
    await button(page, 'Keep the tool').click();
    await sees(page, page.getByText('Client-side, asks first'));
    const calls = { text: '', toolCalls: [{ name: 'ask_person', input: { q: 'May I?' } }] };
    upstream.script(calls, { text: 'She is in Oslo.' });
    await button(page, 'Try it').click();
    await sees(page, page.getByText(/^The run waits for your word/));
    await isFitEverywhere(page, 'a call that waits for a word');
    await button(page, 'Approve ask_person').click();
    await page.getByLabel('Output of ask_person').fill('Oslo');
    await button(page, 'Go on').click();
    await sees(page, page.getByText('She is in Oslo.'));

    upstream.script(calls, { text: 'Then I do not know.' });
    await button(page, 'Try it').click();
    await sees(page, page.getByText(/^The run waits for your word/));
    await page.goto('/w/default/runs?status=requires_action');
    await page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1).getByRole('button').click();
    const drawer = page.getByRole('dialog', { name: 'Run' });
    await button(page, 'Reject ask_person').click();
    await sees(page, drawer.getByText('Succeeded', { exact: true }));
    await drawer.getByRole('tab', { name: 'Steps' }).click();
    await sees(page, drawer.getByText('Rejected', { exact: true }));
    expect(owner.complaints).toEqual([]);
  });

  it('#33 the node has stop conditions and rules for its steps; what is wrong with one is said at its field', async () => {
    const { page } = owner;
    await page.goto('/w/default/agent');
    await settled(page);
    await page.getByText('Advanced', { exact: true }).click();
    await button(page, 'Add a stop condition').click();
    await button(page, 'Add a stop condition').click();
    await button(page, 'Add a rule').click();
    const [stop, rule] = ['Stop condition 1', 'Rule 1'].map((name) => page.getByRole('group', { name }));
    await stop!.getByLabel('Tool').fill('nobody');
    await page.getByLabel('Stop when').nth(1).selectOption('costMicroUsd');
    await page.getByLabel('USD').fill('0.5');
    await rule!.getByLabel('From step').fill('2');
    await rule!.getByLabel('To step').fill('1');
    await rule!.getByLabel('Choice in these steps').selectOption('none');
    await button(page, 'Try it').click();
    await sees(page, rule!.getByText('The last step comes before the first: give from ≤ to.'));
    const isAtFault = () => stop!.getByLabel('Tool').getAttribute('aria-invalid');
    expect(await isAtFault()).toBe('true');
    await isFitEverywhere(page, 'stop conditions at fault');
    await stop!.getByLabel('Tool').fill('ask_person');
    expect(await isAtFault()).not.toBe('true');
    await rule!.getByLabel('To step').fill('3');
    // What is kept of the node has them, and shows them at once.
    await page.reload();
    await settled(page);
    await sees(page, page.getByRole('group', { name: 'Rule 1' }));
    upstream.script({ text: '', toolCalls: [{ name: 'ask_person', input: { q: 'May I?' } }] });
    const sent = page.waitForRequest((request) => request.url().includes('/agent-runs'));
    await button(page, 'Try it').click();
    expect((await sent).postDataJSON()).toMatchObject({
      agent: {
        stopWhen: [
          { type: 'toolCall', tool: 'ask_person' },
          { type: 'costMicroUsd', max: 500_000 },
        ],
        steps: [{ from: 2, to: 3, toolChoice: 'none' }],
      },
    });
    await sees(page, page.getByText('A stop condition held: the tool was called'));
    await isFitEverywhere(page, 'a run that a stop condition ended');
    await button(page, 'Remove rule 1').click();
    await button(page, 'Remove stop condition 1').click();
    expect(await page.getByLabel('USD').inputValue()).toBe('0.5');
    await button(page, 'Remove stop condition 1').click();

    await goTo(page, '/w/default/runs');
    await page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1).getByRole('button').click();
    const drawer = page.getByRole('dialog', { name: 'Run' });
    await sees(page, drawer.getByText('A stop condition held: the tool was called'));
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(owner.complaints).toEqual([]);
  });

  it('#52 spend is drawn by day, with its figures, the period before and a CSV of the same', async () => {
    const { page } = owner;
    await page.goto('/settings/usage?by=model');
    await settled(page);
    await sees(
      page,
      page
        .getByRole('img', { name: /^Spend by day/ })
        .locator('.recharts-bar-rectangle path')
        .first(),
    );
    await sees(page, page.getByRole('row', { name: /gpt-4\.1-mini/ }));
    await sees(page, page.getByText(/^Estimated, prices of/));
    await isFitEverywhere(page, 'usage');
    await page.getByLabel('Group by').selectOption('workspace');
    await page.waitForURL('**/settings/usage?by=workspace');
    await sees(page, page.getByRole('row', { name: /Default/ }));
    const csv = await page.getByRole('link', { name: 'CSV of this' }).getAttribute('href');
    const file = await page.request.get(csv!);
    expect([file.status(), csv?.includes('groupBy=workspace')]).toEqual([200, true]);
    expect((await file.text()).split('\r\n')[1]).toContain('Default');

    await page.getByLabel('Period').selectOption('Last hour');
    await page.waitForURL('**/settings/usage?by=workspace&interval=minute');
    await sees(page, page.getByRole('img', { name: /^Spend by minute/ }));
    await sees(page, page.getByRole('columnheader', { name: 'By minute' }));
    await isFitEverywhere(page, 'usage by minute');
    const minutes = await page.getByRole('link', { name: 'CSV of this' }).getAttribute('href');
    const lines = (await (await page.request.get(minutes!)).text()).trim().split('\r\n');
    expect(lines[0]).toMatch(/^minute,group,name/);
    // Of what is shown: the sum of its rows is the figure on the page.
    const calls = lines.slice(1).reduce((sum, line) => sum + Number(line.split(',')[3]), 0);
    expect(await page.getByRole('row', { name: /Default/ }).innerText()).toContain(String(calls));
    await page.getByLabel('From (UTC)').fill('2026-01-01T00:00');
    // The other end comes along.
    await sees(page, page.getByRole('heading', { name: 'No calls in these minutes' }));
    await page.getByLabel('To (UTC)').fill('2026-01-01T12:00');
    await page.waitForURL('**/*to=2026-01-01T12*');
    expect(new URL(page.url()).searchParams.get('to')).toBe('2026-01-01T12:00Z');
    expect(owner.complaints).toEqual([]);
  });

  it('#29 an MCP server that a workspace uses goes by its typed name', async () => {
    const { page } = owner;
    await goTo(page, '/settings/mcp-servers');
    await button(page, 'Delete Tickets').click();
    await page.getByLabel('Type “Tickets” to confirm').fill('Tickets');
    await button(page, 'Delete the server').click();
    await sees(page, page.getByRole('heading', { name: 'No MCP servers yet' }));
    expect(owner.complaints).toEqual([]);
  });
});
