import { client } from '../generated/engine/client.gen';
import { currentCsrfToken } from './http';

client.setConfig({ baseUrl: '/engine', credentials: 'same-origin' });
client.interceptors.request.use((request) => {
  const token = currentCsrfToken();
  if (token && request.method !== 'GET') request.headers.set('x-csrf-token', token);
  return request;
});

export {
  agentRunsCancel,
  agentRunsCreate,
  agentRunsGet,
  agentRunsList,
  runPausesApprove,
} from '../generated/engine/sdk.gen';
