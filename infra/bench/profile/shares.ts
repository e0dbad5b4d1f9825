/** As the inspector answers (Chrome DevTools Protocol, Profiler.Profile). */
export interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  samples?: number[];
  timeDeltas?: number[];
}

export interface Share {
  where: string;
  /** Of the time in which it was not idle, 0 to 1. */
  share: number;
}

const OUTSIDE = new Set(['(root)', '(program)', '(idle)']);

/** Where the time went, by whatever `nameOf` says a frame belongs to; the largest first. Self time: callees count for themselves. */
export function sharesOf(profile: Profile, nameOf: (frame: Frame) => string): Share[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  let total = 0;
  profile.samples?.forEach((id, at) => {
    const frame = frames.get(id);
    if (!frame || OUTSIDE.has(frame.functionName)) return;
    const us = profile.timeDeltas?.[at] ?? 0;
    total += us;
    const name = nameOf(frame);
    times.set(name, (times.get(name) ?? 0) + us);
  });
  return [...times].map(([where, us]) => ({ where, share: us / total })).sort((a, b) => b.share - a.share);
}

type Frame = Profile['nodes'][number]['callFrame'];

/** The package, the built file of ours, or `node:` module that a frame is in. */
export function placeOf({ functionName, url }: Frame): string {
  const built = /\/dist\/((?:apps|libs)\/.*)\.js$/.exec(url)?.[1];
  if (built) return built.replace('/src/', '/');
  const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (packaged) return packaged;
  return url === '' ? functionName || 'native code' : url;
}

/** The function, where it stands. */
export function functionOf(frame: Frame): string {
  const { functionName, lineNumber } = frame;
  return `${placeOf(frame)} ${functionName || '(anonymous)'}:${lineNumber + 1}`;
}
