import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

// A small Jupyter client that talks to the built kernel as Jupyter does: https://jupyter-client.readthedocs.io/en/stable/messaging.html

interface Socket extends AsyncIterable<Buffer[]> {
  connect(address: string): void;
  subscribe(): void;
  send(frames: (string | Buffer)[]): Promise<void>;
  receive(): Promise<Buffer[]>;
  close(): void;
}

const zmq = createRequire(require.resolve('tslab/package.json'))('zeromq') as Record<
  'Dealer' | 'Subscriber',
  new (
    options?: object,
  ) => Socket
>;
const KERNEL = path.resolve(__dirname, '../../../dist/jupyter/kernel/kernel.js');
const KEY = 'test';
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-kernel-'));

interface Message {
  type: string;
  parent: string;
  content: Record<string, unknown>;
}

let kernel: ChildProcess;
let shell: Socket;
let iopub: Socket;
let iopubAddress: string;
const received: Message[] = [];
const arrivals = new EventEmitter();

beforeAll(async () => {
  const ports = await freePorts(5);
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
  const connection = {
    transport: 'tcp',
    ip: '127.0.0.1',
    key: KEY,
    signature_scheme: 'hmac-sha256',
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
  };
  const file = path.join(directory, 'connection.json');
  fs.writeFileSync(file, JSON.stringify(connection));
  kernel = spawn(process.execPath, [KERNEL, '--config-path', file], { cwd: directory, stdio: 'ignore' });
  shell = new zmq.Dealer();
  iopub = new zmq.Subscriber({ receiveHighWaterMark: 0 });
  iopub.subscribe();
  shell.connect(`tcp://127.0.0.1:${shell_port}`);
  iopubAddress = `tcp://127.0.0.1:${iopub_port}`;
  iopub.connect(iopubAddress);
  for (const socket of [shell, iopub]) void receive(socket);
  await replyTo(request('kernel_info_request', {}));
  // the subscription takes a moment to reach the kernel: go on when the first status arrives
  for (let i = 0; i < 50 && !received.some(({ type }) => type === 'status'); i++) {
    await replyTo(request('kernel_info_request', {}));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

afterAll(() => {
  kernel.kill('SIGKILL');
  shell.close();
  iopub.close();
  fs.rmSync(directory, { recursive: true });
});

async function receive(socket: Socket): Promise<void> {
  for await (const frames of socket) {
    received.push(messageIn(frames));
    arrivals.emit('message');
  }
}

function messageIn(frames: readonly Buffer[]): Message {
  const start = frames.findIndex((frame) => frame.toString() === '<IDS|MSG>') + 2;
  const [header, parent, , content] = frames.slice(start).map((frame) => JSON.parse(frame.toString()));
  return { type: header.msg_type, parent: parent.msg_id, content };
}

/** Send a request; returns its id. */
function request(type: string, content: object): string {
  const id = randomUUID();
  const header = {
    msg_id: id,
    msg_type: type,
    session: 'test',
    username: 'test',
    version: '5.3',
    date: new Date().toISOString(),
  };
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
  const signature = parts.reduce((hash, part) => hash.update(part), createHmac('sha256', KEY)).digest('hex');
  void shell.send(['<IDS|MSG>', signature, ...parts]);
  return id;
}

async function waitFor(found: () => Message | undefined): Promise<Message> {
  for (;;) {
    const message = found();
    if (message) return message;
    await once(arrivals, 'message');
  }
}

function replyTo(id: string): Promise<Message> {
  return waitFor(() => received.find(({ type, parent }) => parent === id && type.endsWith('_reply')));
}

const isIdle = ({ type, content }: Message): boolean => type === 'status' && content.execution_state === 'idle';

/** Execute a cell and return all that was published about it, up to `idle`. */
async function execute(code: string, options: object = {}): Promise<{ reply: Message; published: Message[] }> {
  const id = request('execute_request', { code, silent: false, store_history: true, ...options });
  const reply = await replyTo(id);
  await waitFor(() => received.find((message) => message.parent === id && isIdle(message)));
  return { reply, published: received.filter(({ type, parent }) => parent === id && !/_reply$|^status$/.test(type)) };
}

function printed(published: readonly Message[]): string {
  return published.map(({ type, content }) => (type === 'stream' ? content.text : '')).join('');
}

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.once('listening', resolve))));
  const ports = probes.map((probe) => (probe.address() as net.AddressInfo).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}

it('says what it executes, what comes out, and that all went well', async () => {
  const { reply, published } = await execute('const n = 6;\nconsole.log("n");\n7 * n');
  expect(reply.content).toMatchObject({ status: 'ok', execution_count: 1 });
  expect(published.map(({ type }) => type)).toEqual(['execute_input', 'stream']);
  expect(published[0]?.content).toMatchObject({ execution_count: 1 });
  expect(printed(published)).toBe('n\n42\n');
});

it('loses none of many messages', async () => {
  const many = "import { display } from 'tslab';\nfor (let i = 0; i < 2000; i++) display.text(String(i));";
  const { published } = await execute(many);
  const shown = published.filter(({ type }) => type === 'display_data').map(({ content }) => content.data);
  expect(shown).toEqual(Array.from({ length: 2000 }, (_, i) => ({ 'text/plain': String(i) })));
  const { published: lines } = await execute('for (let i = 0; i < 20000; i++) console.log(i);');
  expect(printed(lines)).toBe(Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(''));
});

it('loses nothing on the way to a front end that is slower than the cell', async () => {
  const slow = new zmq.Subscriber({ receiveHighWaterMark: 1 });
  slow.subscribe();
  slow.connect(iopubAddress);
  const connected = slow.receive();
  for (let tries = 0; tries < 50; tries++) {
    await replyTo(request('kernel_info_request', {}));
    if (await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, 50))])) break;
  }
  // 40 MB: more than TCP holds, so that some thousand messages wait in the kernel until `slow` reads on
  await execute("const dots = '.'.repeat(10_000);\nfor (let i = 0; i < 4000; i++) display.text(i + dots);");
  const seen: string[] = [];
  for (let idle = false; !idle; ) {
    const message = messageIn(await slow.receive());
    if (message.type === 'display_data')
      seen.push(String((message.content.data as Record<string, string>)['text/plain']).replace(/\.+$/, ''));
    idle = isIdle(message) && seen.length > 0;
  }
  slow.close();
  expect(seen).toEqual(Array.from({ length: 4000 }, (_, i) => String(i)));
});

it('tells the version of TypeScript that cells are of', async () => {
  const { version } = createRequire(require.resolve('tslab/package.json'))('@tslab/typescript-for-tslab/package.json');
  const { content } = await replyTo(request('kernel_info_request', {}));
  expect(content.language_info).toMatchObject({ name: 'typescript', version });
});

it('keeps prints and displays in order', async () => {
  const { published } = await execute('console.log(1);\ndisplay.text("2");\nconsole.error(3);\nconsole.log(4);');
  expect(published.slice(1).map(({ type, content }) => content.name ?? type)).toEqual([
    'stdout',
    'display_data',
    'stderr',
    'stdout',
  ]);
});

it('publishes errors with name, message and traceback', async () => {
  const { reply, published } = await execute('throw new RangeError("order 0");', { stop_on_error: false });
  const error = { ename: 'RangeError', evalue: 'order 0', traceback: expect.arrayContaining(['RangeError: order 0']) };
  expect(reply.content).toMatchObject({ status: 'error', ...error });
  expect(published.at(-1)).toMatchObject({ type: 'error', content: error });
});

it('runs what follows a cell that may fail, and aborts what waits for one that must not', async () => {
  const [, tolerated] = await Promise.all([
    execute('throw 1;', { stop_on_error: false }),
    execute('console.log("after")'),
  ]);
  expect(printed(tolerated.published)).toBe('after\n');
  const [, aborted] = await Promise.all([
    execute('throw 2;', { stop_on_error: true }),
    execute('console.log("never")'),
  ]);
  expect(aborted.reply.content.status).toBe('aborted');
  expect(aborted.published).toEqual([]);
});

it('is interrupted in the middle of a loop and goes on', async () => {
  await new Promise((resolve) => setTimeout(resolve, 250)); // the time in which waiting cells are aborted
  setTimeout(() => kernel.kill('SIGINT'), 500);
  const { reply } = await execute('while (true);');
  expect(reply.content.status).toBe('error');
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(printed((await execute('console.log(n)')).published)).toBe('6\n');
});

it('is interrupted while a cell waits, tells those who asked, and goes on', async () => {
  const library = JSON.stringify(path.resolve(__dirname, '../../../dist/notebook.js'));
  await execute(`const { interrupted } = eval('require')(${library}); const told: string[] = [];`);
  setTimeout(() => kernel.kill('SIGINT'), 500);
  const waiting = `interrupted().addEventListener('abort', () => told.push('told'));\nawait new Promise(() => {});`;
  const { reply } = await execute(waiting);
  expect(reply.content.status).toBe('error');
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(printed((await execute('told.join()')).published)).toBe('told\n');
});

it('draws a figure that is the value of a cell, and documents what a function throws', async () => {
  const { published } = await execute('({ data: [{ y: [1, 2] }], layout: {} })');
  expect(Object.keys(published[1]?.content.data as object)).toContain('application/vnd.plotly.v1+json');
  await execute('/**\n * Half of it.\n * @throws where it is odd\n */\nfunction half(n: number) { return n / 2; }');
  const code = 'half(2)';
  const { content } = await replyTo(request('inspect_request', { code, cursor_pos: 2, detail_level: 0 }));
  expect(JSON.stringify(content)).toContain('@throws where it is odd');
});

it('tells that there are no comms', async () => {
  const { type, content } = await replyTo(request('comm_info_request', {}));
  expect([type, content]).toEqual(['comm_info_reply', { status: 'ok', comms: {} }]);
});

it('ends when it is told to, even with a timer running', async () => {
  await execute('setInterval(() => {}, 1000);');
  const ended = new Promise((resolve) => kernel.once('exit', resolve));
  const reply = await replyTo(request('shutdown_request', { restart: false }));
  expect(reply.content).toEqual({ status: 'ok', restart: false });
  expect(await ended).toBe(0);
});
