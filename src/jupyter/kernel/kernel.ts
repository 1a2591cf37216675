import { InvalidInput } from '../../errors';
import { interrupt } from '../show/interrupt';
import type { WriteDisplay } from '../show/write-display';
import type { CellError } from './cell-error';
import { type Executor, startTslab, type WriteStream } from './tslab';

// The Jupyter kernel: tslab's ZeroMQ server, with the parts of the protocol that it lacks and none of its losses.

type Content = Record<string, unknown>;

interface ExecuteRequest {
  code: string;
  stop_on_error?: boolean;
  onStart(executionCount: number): void;
  onError(error: CellError): void;
}

interface ExecuteReply extends Content {
  status: string;
}

interface JupyterHandler {
  execCount: number;
  handleKernel(): { language_info: { version: string } };
  handleExecute(request: ExecuteRequest, stream: WriteStream, show: WriteDisplay): Promise<ExecuteReply>;
  handleExecuteImpl(request: ExecuteRequest, stream: WriteStream, show: WriteDisplay): Promise<unknown>;
}

interface Socket {
  sendTimeout: number;
  sendHighWaterMark: number;
}

interface Message {
  header: { msg_type: string };
  content: Content;
  createReply(): Message;
  signAndSend(key: string, socket: Socket): void;
}

interface JupyterServer {
  iopub: Socket;
  connInfo: { key: string };
  handler: JupyterHandler;
  init(): Promise<void>;
  bindSocket(socket: Socket, port: number): Promise<void>;
  handleExecute(socket: Socket, message: Message): Promise<void>;
  handleCommInfoRequest(socket: Socket, message: Message): void;
  handleShutdown(socket: Socket, message: Message): void;
}

interface JupyterModule {
  JupyterHandlerImpl: new (executor: Executor, isJavaScript: boolean) => JupyterHandler;
  ZmqServer: new (handler: JupyterHandler, connectionFile: string) => JupyterServer;
}

const { typescriptVersion, executor, lastError } = startTslab();
const { JupyterHandlerImpl, ZmqServer } = require('tslab/dist/jupyter.js') as JupyterModule;

class Handler extends JupyterHandlerImpl {
  override handleKernel(): { language_info: { version: string } } {
    const info = super.handleKernel();
    info.language_info.version = typescriptVersion;
    return info;
  }

  /** Runs when it is this cell's turn, in the order of the requests. */
  override async handleExecuteImpl(request: ExecuteRequest, stream: WriteStream, show: WriteDisplay): Promise<unknown> {
    request.onStart(this.execCount + 1);
    const prints = new PrintBuffer(stream);
    const showInOrder: WriteDisplay = (data, update) => {
      prints.flush();
      show(data, update);
    };
    try {
      return await super.handleExecuteImpl(request, prints.write, showInOrder);
    } catch (executionCount) {
      prints.flush();
      request.onError(lastError());
      // Throwing makes tslab abort the cells that wait. A cell that is expected to fail must not do that to its successors.
      if (request.stop_on_error === false) return executionCount;
      throw executionCount;
    } finally {
      prints.flush();
    }
  }
}

/** Bytes of prints after which a portion is sent: a message for each line would keep the front end busy. */
const PORTION_BYTES = 32768;

/** Milliseconds after which prints are sent: a reader does not notice the delay. */
const PORTION_INTERVAL = 50;

/** Sends prints in portions: by size, by time, before anything else is shown and at the end of the cell. */
class PrintBuffer {
  private pending: { name: 'stdout' | 'stderr'; text: string } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastFlush = performance.now();

  constructor(private readonly send: WriteStream) {}

  write: WriteStream = (name, text) => {
    if (this.pending?.name !== name) this.flush();
    this.pending = { name, text: (this.pending?.text ?? '') + text };
    // a cell that never yields lets no timer run, hence the clock
    if (this.pending.text.length > PORTION_BYTES || performance.now() - this.lastFlush > PORTION_INTERVAL) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), PORTION_INTERVAL);
  };

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastFlush = performance.now();
    const { pending } = this;
    this.pending = undefined;
    if (pending) this.send(pending.name, pending.text);
  }
}

class Server extends ZmqServer {
  override bindSocket(socket: Socket, port: number): Promise<void> {
    // zeromq.js makes every 513th send asynchronous and refuses what is sent meanwhile; tslab doesn't wait, so that messages
    // get lost. Without a timeout and a limit to the queue, each send completes at once.
    if (socket === this.iopub) {
      socket.sendTimeout = 0;
      socket.sendHighWaterMark = 0;
    }
    return super.bindSocket(socket, port);
  }

  /** Unlike tslab's, it sends what runs (execute_input), what went wrong (error), and the status 'aborted'. */
  override async handleExecute(socket: Socket, message: Message): Promise<void> {
    const publish = (type: string, content: Content): void => this.reply(this.iopub, message, type, content);
    const code = String(message.content.code);
    let error: CellError | undefined;
    const request: ExecuteRequest = {
      ...message.content,
      code,
      onStart: (executionCount) => publish('execute_input', { code, execution_count: executionCount }),
      onError: (cellError) => {
        error = cellError;
        publish('error', { ...cellError });
      },
    };
    const reply = await this.handler.handleExecute(
      request,
      (name, text) => publish('stream', { name, text }),
      (data, update) => publish(update ? 'update_display_data' : 'display_data', { ...data }),
    );
    const status = error ? 'error' : reply.status === 'abort' ? 'aborted' : reply.status;
    this.reply(socket, message, 'execute_reply', { ...reply, ...error, status });
  }

  /** tslab answers with the wrong type. */
  override handleCommInfoRequest(socket: Socket, message: Message): void {
    this.reply(socket, message, 'comm_info_reply', { status: 'ok', comms: {} });
  }

  /** tslab only closes its sockets, and lives on while the notebook has a timer or a worker. */
  override handleShutdown(socket: Socket, message: Message): void {
    this.reply(socket, message, 'shutdown_reply', { status: 'ok', restart: message.content.restart === true });
    setTimeout(() => process.exit(0), 200); // time for the last messages to leave
  }

  private reply(socket: Socket, message: Message, type: string, content: Content): void {
    const reply = message.createReply();
    reply.header.msg_type = type;
    reply.content = content;
    reply.signAndSend(this.connInfo.key, socket);
  }
}

process.on('SIGINT', () => {
  executor.interrupt();
  interrupt();
});

const [option, connectionFile] = process.argv.slice(2);
if (option !== '--config-path' || connectionFile === undefined) {
  throw new InvalidInput(
    `kernel.js is started by Jupyter with --config-path and a connection file, not with "${option ?? ''}"`,
  );
}
new Server(new Handler(executor, false), connectionFile).init();
