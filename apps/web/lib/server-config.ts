/** Where the two planes are. Read at every request, because one build must serve any deployment. */
export interface ServerConfig {
  apiUrl: string;
  engineUrl: string;
}

/** The only reader of the environment in this app; the web process knows no database, no key store and no secret. */
export function serverConfig(): ServerConfig {
  return {
    apiUrl: process.env.CLAVIGER_API_INTERNAL_URL ?? 'http://127.0.0.1:3001',
    engineUrl: process.env.CLAVIGER_ENGINE_INTERNAL_URL ?? 'http://127.0.0.1:3002',
  };
}

/** True where Next runs its development server, whose reloader evaluates code. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development';
}
