import { z } from 'zod';
import { JOB_KINDS } from '../../db/jobs/jobs.ts';
import { amountOut, idOut, instantOut, reference } from './common.ts';

const kind = z.enum(JOB_KINDS).meta({
  description:
    '`bill` makes a run of each collective account. `deactivate` stops runs and collection, and pauses the contracts. `activate` ' +
    'undoes that.',
});

const scope = {
  account: reference.exactOptional().meta({ description: 'One billing account.' }),
  customer: reference
    .exactOptional()
    .meta({ description: 'The accounts of a customer and of all its descendants.' }),
  issuer: reference.exactOptional().meta({ description: 'All accounts of an issuer.' }),
};

/** The accounts of a job: exactly one of the three fields. */
const isOneScope = (body: { account?: string; customer?: string; issuer?: string }): boolean =>
  [body.account, body.customer, body.issuer].filter((each) => each !== undefined).length === 1;
const ONE_SCOPE = { path: ['account'], error: 'Give one of `account`, `customer` and `issuer`.' };

export const newAccountJob = z
  .strictObject({ kind, ...scope })
  .refine(isOneScope, ONE_SCOPE)
  .meta({ id: 'NewAccountJob', example: { kind: 'bill', customer: 'platform-7' } });

export const billingPreviewOf = z
  .strictObject(scope)
  .refine(isOneScope, ONE_SCOPE)
  .meta({ id: 'BillingPreviewRequest', example: { customer: 'platform-7' } });

export const accountJobOut = z
  .object({
    id: idOut,
    kind,
    account: idOut.nullable(),
    customer: idOut.nullable(),
    issuer: idOut.nullable(),
    state: z.enum(['running', 'stopping', 'stopped', 'done']).meta({
      description:
        'A job that is asked to stop is `stopping` until the accounts that it works on are done, and then `stopped`. It is `done` ' +
        'if no account is left.',
    }),
    accounts: z.int().meta({ description: 'The number of its accounts.' }),
    done: z.int(),
    skipped: z
      .int()
      .meta({ description: 'Accounts with nothing to do, such as immediate ones of a `bill`.' }),
    failed: z.int(),
    contracts: z.int().meta({ description: 'How many contracts were asked to pause or to resume.' }),
    asked_at: instantOut,
    ended_at: instantOut.nullable(),
  })
  .meta({ id: 'AccountJob' });

export const jobAccountState = z.enum(['waiting', 'done', 'skipped', 'failed']);

export const jobAccountOut = z
  .object({
    account: idOut,
    state: jobAccountState,
    run: idOut.nullable(),
    invoice: idOut.nullable().meta({ description: 'The invoice or credit note of the run, if it made one.' }),
    contracts: z.int().meta({ description: 'How many contracts were asked to pause or to resume.' }),
    code: z.string().nullable().meta({ description: 'Why the account was skipped or failed.' }),
    detail: z.string().nullable(),
    ended_at: instantOut.nullable(),
  })
  .meta({ id: 'JobAccount' });

const sums = {
  net: amountOut,
  tax: amountOut,
  gross: amountOut.meta({ description: 'Negative for a credit note.' }),
};

export const billingPreviewOut = z
  .object({
    sums: z
      .array(z.object({ currency: z.string(), documents: z.int(), ...sums }))
      .meta({ description: 'One entry for each currency.' }),
    accounts: z.array(
      z.object({
        account: idOut,
        customer: idOut,
        currency: z.string(),
        lines: z.int(),
        ...sums,
        contracts_behind: z.int().meta({
          description: 'Contracts that have due work, whose charges are not in the sums yet.',
        }),
      }),
    ),
  })
  .meta({ id: 'BillingPreview' });
