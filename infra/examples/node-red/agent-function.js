// Function node of Node-RED. Setup tab: module `@claviger/sdk` as `claviger`; environment of the flow: CLAVIGER_ENGINE_URL,
// CLAVIGER_TOKEN (a credential), CLAVIGER_WORKSPACE_ID. In: msg.payload, the prompt; msg.agent, whatever else the agent has.
// First output: the answer. Second output: text as it comes.
const client = new claviger.Claviger({
    url: env.get('CLAVIGER_ENGINE_URL'),
    token: env.get('CLAVIGER_TOKEN'),
    workspaceId: env.get('CLAVIGER_WORKSPACE_ID'),
});
// One message through one node is one execution, however often it comes by.
const nodeExecutionId = `${node.id}/${msg._msgid}`;

try {
    for await (const event of client.runs.stream({ nodeExecutionId, agent: { ...msg.agent, prompt: msg.payload } })) {
        switch (event.type) {
            case 'text.delta':
                node.send([null, { payload: event.data.delta }]);
                break;
            case 'run.retrying':
                node.status({ fill: 'yellow', shape: 'ring', text: event.data.reason });
                break;
            case 'run.finished':
                node.status({ fill: 'green', shape: 'dot', text: `${event.data.usage.totalTokens} tokens` });
                node.send([{ ...msg, payload: event.data.text, run: event.data }, null]);
                break;
            case 'run.requires_action':
                throw Object.assign(new Error(`The run ${event.runId} waits for its caller, and this node brings nothing.`), { code: 'requires_action' });
            case 'run.failed':
                throw Object.assign(new Error(event.data.detail), { code: event.data.code });
        }
    }
    node.done();
} catch (error) {
    node.status({ fill: 'red', shape: 'ring', text: error.code ?? error.name });
    // Catch nodes get it with msg; the flow goes on there.
    node.error(error.message, { ...msg, error: { code: error.code, message: error.message } });
    node.done();
}
