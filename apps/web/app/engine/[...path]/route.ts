import { forward } from '@/lib/forward';
import { serverConfig } from '@/lib/server-config';

export const dynamic = 'force-dynamic';

/** Every method of `/engine/*` goes to the execution plane, without the leading `/engine`. */
function handle(request: Request): Promise<Response> {
  const url = new URL(request.url);
  return forward(request, serverConfig().engineUrl, url.pathname.replace(/^\/engine/, ''));
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
