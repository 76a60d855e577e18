import { setTimeout as delay } from 'node:timers/promises';
import { type Container, runContainer } from '../../served/image.ts';

/** How an API or a worker of the image is run, and the text that it logs when it is ready. */
export interface ReplicaSpec {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly ready: string;
}

/** The log lines of bugs in Tenor. A database that does not answer is no bug. */
const BUGS = /"unexpected error"|Unhandled|a step cannot be done/;
/** The time for the last request or activity of a process that stops. */
const STOPS_WITHIN_MS = 60_000;

/** One of several equal processes. It is started again whenever it ends. */
export class Replica {
  readonly name: string;
  /** Unexpected ends, and bugs that it logged. */
  readonly faults: string[] = [];
  private readonly spec: ReplicaSpec;
  private container: Container | null = null;
  private isReady: Promise<void> = Promise.resolve();
  private lives: Promise<void> = Promise.resolve();
  private stopping = false;
  /** Whether the process was asked to end. Otherwise its end is a fault. */
  private ending = false;
  /** The moment at which the next process kills itself. */
  private killAt: string | null = null;

  constructor(spec: ReplicaSpec) {
    this.spec = spec;
    this.name = spec.name;
  }

  /** Resolves when it is ready for the first time. */
  async start(): Promise<void> {
    this.lives = this.live();
    await this.ready();
  }

  /** Resolves when the process that runs now is ready. */
  async ready(): Promise<void> {
    for (let known: Promise<void> | null = null; known !== this.isReady;) {
      known = this.isReady;
      await known;
    }
  }

  /** Ends the process by a signal. It is started again, and kills itself at the moment `killAt`, if one is given. */
  end(signal: NodeJS.Signals, killAt: string | null = null): void {
    [this.ending, this.killAt] = [true, killAt];
    if (this.container === null) return;
    this.isReady = this.container.exited.then(() => undefined); // `live` then sets it to the start of the next process
    this.container.child.kill(signal);
  }

  /** Ends the process, and does not start it again. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.end('SIGTERM');
    const force = setTimeout(() => this.container?.child.kill('SIGKILL'), STOPS_WITHIN_MS);
    await this.lives;
    clearTimeout(force);
  }

  private async live(): Promise<void> {
    while (!this.stopping) {
      const { image, command, environment, ready } = this.spec;
      const killAt = this.killAt;
      [this.ending, this.killAt] = [false, null];
      const container = runContainer(image, command, {
        ...environment,
        ...(killAt === null ? {} : { TENOR_KILL_AT: killAt }),
      });
      this.container = container;
      this.isReady = logged(container, ready);
      const code = await container.exited;
      const expected = this.ending || (killAt !== null && code === null);
      const left = container.output().split('\n');
      if (!expected || (code !== null && code !== 0)) {
        this.faults.push(`${this.name} ended with ${code}: ${left.slice(-20).join('\n')}`);
        await delay(500);
      }
      this.faults.push(...left.filter((line) => BUGS.test(line)).map((line) => `${this.name}: ${line}`));
    }
  }
}

/** Resolves when the process has written the text, or has ended. */
function logged({ child, output, exited }: Container, text: string): Promise<void> {
  const written = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (output().includes(text)) resolve();
    });
  });
  return Promise.race([written, exited.then(() => undefined)]);
}
