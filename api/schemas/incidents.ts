import { z } from 'zod';
import { idOut, instantOut } from './common.ts';

export const incidentState = z.enum(['open', 'closed']);

export const incidentOut = z
  .object({
    id: idOut,
    state: incidentState,
    step: z.string().meta({ description: '`settle` of a contract, `collect` of a receivable.' }),
    workflow: z.string().meta({ description: 'The workflow that stands still.' }),
    contract: idOut.nullable(),
    receivable: idOut.nullable(),
    clock: idOut.nullable().meta({ description: 'The test clock that it holds up.' }),
    code: z.string().nullable().meta({ description: 'Of the error: ours, or that of the database.' }),
    effect: z.string().meta({ description: 'What stands still. For people.' }),
    reason: z.string().meta({ description: 'What failed. For people.' }),
    advice: z.string().meta({ description: 'What to do. For people.' }),
    opened_at: instantOut,
    closed_at: instantOut.nullable(),
  })
  .meta({ id: 'Incident' });
