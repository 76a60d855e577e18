import { z } from 'zod';
import { getCommand, listCommands } from '../../db/contracts/views.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { commandToWire, replyWithDecision } from '../commands.ts';
import { type Route, Written, route } from '../route.ts';
import { commandOut, commandRequest } from '../schemas/commands.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';
import { preview } from '../schemas/previews.ts';

const tag = 'Contracts';

/** The codes with which commands are refused. */
const decisionErrors = [
  'invalid_command',
  'nothing_to_change',
  'contract_ended',
  'contract_not_started',
  'before_contract_start',
  'invalid_date',
  'date_in_the_past',
  'scheduled_change_exists',
  'after_cancellation',
  'nothing_scheduled',
  'variant_not_in_plan_group',
  'component_unknown',
  'component_not_allowed',
  'subscription_unknown',
  'subscription_ambiguous',
  'already_booked',
  'quantity_out_of_bounds',
  'too_many_components',
  'too_many_lines',
  'interval_not_prorated',
  'before_earliest_end',
  'already_paused',
  'not_paused',
  'account_deactivated',
  'invalid_quantity',
  'invalid_amount',
  'tax_rate_missing',
  'clock_advancing',
] as const;

export const commandRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/contracts/{id}/commands',
      tag,
      summary: 'Send a command to a contract',
      description:
        'The command is stored, and then the contract decides it. The answer is 200 if the command is applied, 409 with ' +
        "the code and the command's id if it is refused, and 202 if it is not decided after five seconds. In that case, " +
        'read it later by its id.',
      scope: 'write',
      effect: 'engine',
      params: idParams,
      body: commandRequest,
      status: [200, 202],
      response: commandOut,
      errors: decisionErrors,
    },
    async ({ params, body }, context) => {
      const { deps, merchant, resume, actor, claim } = context;
      let commandId = resume?.['commandId'];
      if (commandId === undefined) {
        await resolve(deps.pool, merchant, 'contract', params.id);
        commandId = (await deps.engine.command(merchant, params.id, body, { actor, claim })).commandId;
      }
      return replyWithDecision(
        context,
        { contractId: params.id, commandId },
        { applied: 200, toBody: (c) => c },
      );
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/contracts/{id}/commands/preview',
      tag,
      summary: 'Preview a command',
      description:
        'Computes what the command would bill and schedule, with the same code as a decision. Nothing is stored. ' +
        'Four previews of a merchant are computed at once, and twelve more wait. Others are refused with 429.',
      scope: 'read',
      effect: 'read',
      previews: true,
      params: idParams,
      body: commandRequest,
      status: [200],
      response: preview,
      errors: [...decisionErrors, 'not_previewed', 'too_many_requests'],
    },
    async ({ params, body }, { deps, db, merchant }) => {
      await resolve(db, merchant, 'contract', params.id);
      return new Written(await deps.calculator.previewCommand(merchant, params.id, body));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/contracts/{id}/commands',
      tag,
      summary: 'List the commands of a contract',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(commandOut),
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      const id = await resolve(db, merchant, 'contract', params.id);
      return mapPage(await listCommands(db, merchant, id, query), commandToWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/commands/{id}',
      tag,
      summary: 'Read a command with its decision',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: commandOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      commandToWire(found(await getCommand(db, merchant, params.id), 'command')),
  ),
];
