import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * Creates the log of a process. No line has a secret or personal data. Of an error, only the text that code has written is logged,
 * never a value from a request or a row.
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

/** Fields of errors of Postgres and Node that describe the failure without a value of a row. */
const KEPT = ['code', 'schema', 'table', 'column', 'constraint', 'routine', 'syscall'] as const;

/**
 * An error as it is logged: its type, message and frames, and for a database error its code and the names of the table, column or
 * constraint. The detail of a database error, which shows the row, is left out, and so is everything that a message quotes.
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

/** Removes quoted values. Postgres, JSON and Temporal put them between double quotes, and a value may itself contain quotes. */
function withoutQuotes(text: string): string {
  return text.replace(/"[^]*"|"[^]*$/, '"…"');
}

/** The level at which we log a line of Temporal's SDK, by its own level. Its INFO is routine, so it becomes `debug`. */
const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
type SdkLevel = keyof typeof LEVELS;

/** Our names for the fields of the SDK's context, by its two spellings. Payloads and failures are left out. */
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

/** Warnings of the SDK about an intended setting: the worker of a provider runs only activities. */
const MEANT: readonly string[] = ['No workflows registered, not polling for workflow tasks'];

/** For how many runs the workflow is cached. */
const MOST_RUNS = 1_000;

type SdkMeta = Readonly<Record<string | symbol, unknown>>;
type Say = (message: string, meta?: SdkMeta) => void;

/** Finds the workflow of a run; null if it cannot be found. */
type WorkflowOfRun = (runId: string) => Promise<string | null>;

/**
 * A logger for Temporal's SDK that writes to our log, with the workflow and the activity that a line concerns. If the SDK names only
 * the run, as for a workflow that cannot be replayed, warnings and errors are written after the run's workflow was found.
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
