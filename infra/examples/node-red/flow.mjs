// Prints a flow to import into Node-RED (Menu → Import): the function of agent-function.js between an inject and two debug nodes.
//   node flow.mjs > flow.json
import { readFileSync } from 'node:fs';

const func = readFileSync(new URL('./agent-function.js', import.meta.url), 'utf8');
const at = (x, y) => ({ x, y, z: 'clv-tab' });
const flow = [
  { id: 'clv-tab', type: 'tab', label: 'Claviger agent' },
  {
    ...{ id: 'clv-inject', type: 'inject', name: 'Ask', props: [{ p: 'payload' }, { p: 'agent' }] },
    ...{
      payload: 'Say hello.',
      payloadType: 'str',
      agent: '{"model":"claude-sonnet-4-6"}',
      agentType: 'json',
    },
    ...{ wires: [['clv-agent']], ...at(120, 100) },
  },
  {
    ...{ id: 'clv-agent', type: 'function', name: 'Agent', func, outputs: 2, timeout: 0 },
    ...{ libs: [{ var: 'claviger', module: '@claviger/sdk' }], initialize: '', finalize: '' },
    ...{ wires: [['clv-answer'], ['clv-text']], ...at(300, 100) },
  },
  { id: 'clv-answer', type: 'debug', name: 'Answer', complete: 'payload', wires: [], ...at(480, 80) },
  {
    id: 'clv-text',
    type: 'debug',
    name: 'Text as it comes',
    complete: 'payload',
    wires: [],
    ...at(480, 120),
  },
];
process.stdout.write(`${JSON.stringify(flow, null, 2)}\n`);
