import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * The log of a process. No line has a secret or personal data: of an error only what its code wrote is kept, never a value
 * that somebody sent.
 */
export function createLog(level: string, to?: DestinationStream): Logger {
  const options = {
    level,
    redact: ['req.headers.authorization', 'req.headers.cookie', 'token', 'masterKey'],
    serializers: { err: loggedError, error: loggedError },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

const MOST_CAUSES = 3;

/** Names of Postgres and of Node that say what went wrong and hold no value of a row. */
const KEPT = ['code', 'schema', 'table', 'column', 'constraint', 'routine', 'syscall'] as const;

/**
 * An error as it is logged: type, message and frames, and of a database's error its code and the names of what it is about.
 * Its detail, which shows the row, and what messages quote are left out.
 */
export function loggedError(error: unknown, depth = 0): object | string {
  if (!(error instanceof Error)) return withoutQuotes(String(error));
  const fields = Object.fromEntries(
    KEPT.flatMap((name) => {
      const value: unknown = Reflect.get(error, name);
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: withoutQuotes(error.message),
    ...fields,
    stack: frames.join('\n'),
    ...(error.cause === undefined || depth >= MOST_CAUSES
      ? {}
      : { cause: loggedError(error.cause, depth + 1) }),
  };
}

/** Postgres, JSON and Temporal put what they were given between double quotes, and it may have some itself. */
function withoutQuotes(text: string): string {
  return text.replace(/"[^]*"|"[^]*$/, '"…"');
}

/** What Temporal's SDK says at a level is ours at this one: what it does all day long is for debugging. */
const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
type SdkLevel = keyof typeof LEVELS;

/** The names of the SDK's context, in its two spellings, by our own. Payloads and failures are not among them. */
const CONTEXT: Readonly<Record<string, string>> = {
  workflowId: 'workflowId',
  workflow_id: 'workflowId',
  runId: 'runId',
  run_id: 'runId',
  workflowType: 'workflowType',
  workflow_type: 'workflowType',
  activityId: 'activityId',
  activity_id: 'activityId',
  activityType: 'activityType',
  activity_type: 'activityType',
  attempt: 'attempt',
  taskQueue: 'taskQueue',
  task_queue: 'taskQueue',
  sdkComponent: 'sdkComponent',
};

/** Warnings of the SDK about what is meant: the worker of a provider does activities alone. */
const MEANT: readonly string[] = ['No workflows registered, not polling for workflow tasks'];

/** So many runs are remembered by their workflows. */
const MOST_RUNS = 1_000;

type SdkMeta = Readonly<Record<string | symbol, unknown>>;
type Say = (message: string, meta?: SdkMeta) => void;

/** Finds the workflow of a run; null if it cannot be found. */
type WorkflowOfRun = (runId: string) => Promise<string | null>;

/**
 * A logger for Temporal's SDK that writes to ours, with the workflow and the activity that a line is about. Where the SDK names
 * the run alone, as for a workflow that cannot be replayed, warnings and errors wait until its workflow is found.
 */
export function sdkLogger(
  log: Logger,
  workflowOfRun: WorkflowOfRun,
): Record<Lowercase<SdkLevel>, Say> & { log(level: SdkLevel, message: string, meta?: SdkMeta): void } {
  const found = new Map<string, Promise<string | null>>();
  const find = (runId: string): Promise<string | null> => {
    const known = found.get(runId);
    if (known !== undefined) return known;
    if (found.size >= MOST_RUNS) found.clear();
    const finding = workflowOfRun(runId).catch(() => null);
    found.set(runId, finding);
    return finding;
  };
  const say = (level: SdkLevel, message: string, meta: SdkMeta = {}): void => {
    const context = contextOf(meta);
    const { runId, workflowId } = context;
    const written = MEANT.includes(message) ? 'info' : LEVELS[level];
    const write = (more: object): void => log[written]({ ...context, ...more }, message);
    if (typeof runId !== 'string' || workflowId !== undefined || !['WARN', 'ERROR'].includes(level))
      write({});
    else void find(runId).then((id) => write(id === null ? {} : { workflowId: id }));
  };
  return {
    log: say,
    trace: (message, meta) => say('TRACE', message, meta),
    debug: (message, meta) => say('DEBUG', message, meta),
    info: (message, meta) => say('INFO', message, meta),
    warn: (message, meta) => say('WARN', message, meta),
    error: (message, meta) => say('ERROR', message, meta),
  };
}

function contextOf(meta: SdkMeta): Record<string, unknown> {
  const context: Record<string, unknown> = {};
  for (const [name, ours] of Object.entries(CONTEXT))
    if (meta[name] !== undefined) context[ours] = meta[name];
  if (meta['error'] !== undefined) context['err'] = meta['error'];
  return context;
}
