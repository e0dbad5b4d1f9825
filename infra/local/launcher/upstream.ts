import { join } from 'node:path';
import { startChild, type RunningChild } from './child-process.js';

export interface UpstreamOptions {
  root: string;
  port: number;
  logs: string;
  echo?: (line: string) => void;
  signal?: AbortSignal;
}

/** Starts the fake vendors of the demo as a process of its own; it writes each call that it answers into `upstream.jsonl`. */
export function startUpstream({ root, port, logs, echo, signal }: UpstreamOptions): Promise<RunningChild> {
  return startChild({
    name: 'upstream',
    args: [
      '--disable-sigusr1',
      '--import',
      join(root, 'dist/infra/local/launcher/lifeline.js'),
      join(root, 'dist/infra/local/upstream-main.js'),
      String(port),
      join(logs, 'upstream.jsonl'),
    ],
    // It stands for the vendors' own machines: nothing of this installation's settings is theirs.
    env: {},
    cwd: root,
    readyUrl: `http://127.0.0.1:${port}/__health`,
    logs,
    echo,
    signal,
  });
}
