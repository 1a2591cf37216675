import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

// A Slurm cluster on this machine: a controller and three nodes of one core, which are daemons of their own on loopback.

export interface Slurm {
  /** the environment in which sbatch and squeue find the cluster */
  readonly environment: NodeJS.ProcessEnv;
  /** Kills a node with all that runs on it, as a loss of power does. */
  kill(node: string): void;
  stop(): Promise<void>;
}

const NODES = ['node1', 'node2', 'node3'];

/** Seconds without an answer after which the controller takes a node for lost. */
const NODE_TIMEOUT = 12;

/**
 * @param folder an empty one, in which all its files are
 */
export async function startSlurm(folder: string): Promise<Slurm> {
  const at = (file: string) => path.join(folder, file);
  for (const part of ['run', 'log', 'state', ...NODES.map((node) => `spool/${node}`)])
    mkdirSync(at(part), { recursive: true, mode: 0o755 });
  writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o600 });
  const ports = await Promise.all(Array.from({ length: NODES.length + 1 }, freePort));
  writeFileSync(at('slurm.conf'), configuration(folder, ports));
  const environment = { ...process.env, SLURM_CONF: at('slurm.conf') };
  const daemons = new Map<string, ChildProcess>();
  const start = (name: string, command: string, ...words: string[]): void => {
    const daemon = spawn(command, words, { env: environment, stdio: 'ignore', detached: true });
    daemon.on('error', (error) => writeFileSync(at(`log/${name}.error`), String(error)));
    daemons.set(name, daemon);
  };
  const kill = (node: string): void => {
    daemons.get(node)?.kill('SIGKILL');
    for (const pid of processesOf(at(`spool/${node}/`))) {
      const { parent, group } = relationsOf(pid);
      signal(parent, 'SIGKILL'); // what watches over the task
      signal(-group, 'SIGKILL');
    }
  };
  const stop = async (): Promise<void> => {
    for (const node of NODES) kill(node);
    for (const daemon of daemons.values()) daemon.kill('SIGTERM');
    await Promise.all(
      [...daemons.values()].map(
        (daemon) =>
          daemon.exitCode !== null ||
          daemon.signalCode !== null ||
          new Promise((resolve) => daemon.once('exit', resolve)),
      ),
    );
  };
  const files = [
    'key-file=munge.key',
    'socket=run/munge.sock',
    'pid-file=run/munged.pid',
    'log-file=log/munged.log',
    'seed-file=run/seed',
  ];
  start('munged', 'munged', '--foreground', '--force', ...files.map((file) => `--${file.replace('=', `=${folder}/`)}`));
  await until('munged answers', () => existsSync(at('run/munge.sock')));
  start('slurmctld', 'slurmctld', '-D', '-c', '-f', at('slurm.conf'));
  for (const node of NODES) start(node, 'slurmd', '-D', '-N', node, '-f', at('slurm.conf'));
  return { environment, kill, stop };
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  for (const end = performance.now() + 1000 * seconds; !holds(); await wait(200))
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
}

function configuration(folder: string, [port, ...ports]: readonly number[]): string {
  const [host, user] = [os.hostname(), os.userInfo().username];
  return `ClusterName=dfmr
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
SlurmctldPort=${port}
AuthType=auth/munge
# a credential that has expired lets a task of a lost node start again
AuthInfo=socket=${folder}/run/munge.sock,cred_expire=5
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=1,bf_interval=2,sched_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=${NODE_TIMEOUT}
KillWait=2
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmdPidFile=${folder}/run/slurmd-%n.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd-%n.log
NodeName=${NODES.join(',')} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports.join(',')} CPUs=1 RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** The processes whose command line names a file below a folder: the scripts that Slurm keeps there for its tasks. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder) ? [Number(name)] : [];
    } catch {
      return []; // it has ended
    }
  });
}

function relationsOf(pid: number): { parent: number; group: number } {
  const [, parent, group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  return { parent, group };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}
