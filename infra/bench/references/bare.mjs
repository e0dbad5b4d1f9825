// The floor that Node allows: takes a call, sends it on, sends the answer back. It decides nothing, knows nobody, writes nothing down.
// It is meant to be as fast as such a thing can be in Node: undici's dispatch, one write for an answer of known length, no streams.
//   node bare.mjs <origin of the upstream>
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[2], { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const DROPPED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);

class Relay {
  kept = null;

  constructor(response) {
    this.response = response;
  }

  onRequestStart(controller) {
    this.controller = controller;
    this.response.once('close', () => {
      if (!this.response.writableFinished) controller.abort(new Error('the client left'));
    });
  }

  onResponseStart(_controller, status, headers) {
    if (headers['content-length'] !== undefined) this.kept = [];
    delete headers['transfer-encoding'];
    delete headers.connection;
    delete headers['keep-alive'];
    this.response.writeHead(status, headers);
  }

  onResponseData(controller, chunk) {
    if (this.kept) return void this.kept.push(chunk);
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd() {
    if (this.kept) this.response.end(this.kept.length === 1 ? this.kept[0] : Buffer.concat(this.kept));
    else this.response.end();
  }

  onResponseError() {
    if (!this.response.headersSent) this.response.writeHead(502);
    this.response.end();
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const headers = {};
    for (const name in request.headers) if (!DROPPED.has(name)) headers[name] = request.headers[name];
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    pool.dispatch({ path: request.url, method: request.method, headers, body }, new Relay(response));
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
