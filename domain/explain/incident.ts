/** The effect and the reason of an incident, and advice for its operator. */
export interface IncidentExplanation {
  /** The work that has stopped. */
  readonly effect: string;
  /** The first line of a refusal by Tenor's own rules; of any other error only its code. */
  readonly reason: string;
  readonly advice: string;
}

const EFFECTS: Readonly<Record<string, string>> = {
  settle: 'The contract cannot take its next step. Nothing later is billed or decided there until it can.',
  run: 'The run of the account cannot be done. Its charges wait, and later runs of it wait, too.',
  collect: 'The receivable cannot be collected further. Nothing is charged or dunned for it until it can.',
};

const ADVICE: Readonly<Record<string, string>> = {
  tax_rate_missing:
    'Add a rate for the country and the day to the tax policy: POST /v1/tax-policies/{id}/rates. Then try again.',
};

/** The form of Tenor's own codes. Codes of Postgres and of Node have other forms. */
const OUR_CODE = /^[a-z]+(_[a-z]+)+$/;

/** Explains an incident by its step and by the code and the text of its error. */
export function explainIncident(incident: {
  readonly step: string;
  readonly code: string | null;
  readonly error: string;
}): IncidentExplanation {
  const { step, code, error } = incident;
  return {
    effect: EFFECTS[step] ?? `The step ${step} cannot be done. Nothing later is decided there until it can.`,
    reason: isOurs(code) ? messageOf(error) : unexpected(code),
    advice: adviceFor(code),
  };
}

/** The message of a stored error: its first line, without the name of Tenor's own kind of error. */
export function messageOf(error: string): string {
  const [first = ''] = error.split('\n', 1);
  return first.replace(/^(DomainError|Error): /, '');
}

const isOurs = (code: string | null): code is string => code !== null && OUR_CODE.test(code);

/** The texts of such errors may name tables and values that are for operators alone. */
const unexpected = (code: string | null): string =>
  `An unexpected error of Tenor${code === null ? '' : ` (${code})`}.`;

function adviceFor(code: string | null): string {
  if (!isOurs(code))
    return 'The request is not the cause. An operator of Tenor sees the whole error with `tenor incidents show`.';
  return ADVICE[code] ?? `Remove the reason (its code is explained at /errors#${code}). Then try again.`;
}
