import { z } from 'zod';
import { idOut, instantOut } from './common.ts';

export const incidentState = z.enum(['open', 'closed']);

export const incidentOut = z
  .object({
    id: idOut,
    state: incidentState,
    step: z
      .string()
      .meta({ description: 'The step that failed: `settle` of a contract, or `collect` of a receivable.' }),
    workflow: z.string().meta({ description: 'The id of the workflow that waits.' }),
    contract: idOut.nullable(),
    receivable: idOut.nullable(),
    clock: idOut.nullable().meta({ description: 'The test clock that cannot advance.' }),
    code: z.string().nullable().meta({ description: "The error's code: Tenor's own, or Postgres'." }),
    effect: z.string().meta({ description: 'The effect on the contract or collection, for people.' }),
    reason: z.string().meta({ description: 'The reason of the failure, for people.' }),
    advice: z.string().meta({ description: 'The advised next action, for people.' }),
    opened_at: instantOut,
    closed_at: instantOut.nullable(),
  })
  .meta({ id: 'Incident' });
