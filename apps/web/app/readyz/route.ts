import { serverConfig } from '@/lib/server-config';

export const dynamic = 'force-dynamic';

async function answers(base: string): Promise<boolean> {
  try {
    const response = await fetch(`${base}/livez`, { cache: 'no-store', signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}

/** Ready once both planes answer: without them no page can show anything. */
export async function GET(): Promise<Response> {
  const { apiUrl, engineUrl } = serverConfig();
  const [api, engine] = await Promise.all([answers(apiUrl), answers(engineUrl)]);
  const ready = api && engine;
  return Response.json({ status: ready ? 'ok' : 'error', api, engine }, { status: ready ? 200 : 503 });
}
