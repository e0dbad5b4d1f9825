// A workflow engine in small: node main.ts <execution id> <journal file>
// Needs CLAVIGER_ENGINE_URL, CLAVIGER_TOKEN and CLAVIGER_WORKSPACE_ID. Kill it and start it again with the same arguments: it goes on.
import { Claviger, fromEnv, type Agent } from '@claviger/sdk';
import { execute } from './engine.ts';
import { Journal } from './journal.ts';
import type { Workflow } from './workflow.ts';

const model = process.env['CLAVIGER_MODEL'] ?? 'claude-sonnet-4-6';
const stock: Agent['tools'] = [
  {
    ...{ type: 'client', name: 'stock', description: 'How many pieces of a product are left.' },
    inputSchema: { type: 'object', properties: { product: { type: 'string' } }, required: ['product'] },
  },
];
const workflow: Workflow = {
  id: 'restock',
  version: '1',
  nodes: [
    { id: 'demand', agent: { model, prompt: 'How many lamps were asked for this week?' } },
    { id: 'supply', agent: { model, prompt: 'How many lamps are left? Use the tool.', tools: stock } },
    {
      ...{ id: 'order', after: ['demand', 'supply'] },
      agent: { model, prompt: 'Write an order. Demand: {{demand.text}} Supply: {{supply.text}}' },
    },
  ],
};

const [id = 'restock-1', file = `${id}.jsonl`] = process.argv.slice(2);
const tools = { stock: async () => ({ left: 3 }) };
try {
  const done = await execute(new Claviger(fromEnv(process.env)), {
    id,
    workflow,
    journal: new Journal(file),
    tools,
  });
  console.log(JSON.stringify(Object.fromEntries(done)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
