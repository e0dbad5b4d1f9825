import { forward } from '@/lib/forward';
import { serverConfig } from '@/lib/server-config';

export const dynamic = 'force-dynamic';

/** Every method of `/api/*` goes to the control plane, path unchanged. */
function handle(request: Request): Promise<Response> {
  const url = new URL(request.url);
  return forward(request, serverConfig().apiUrl, url.pathname);
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
