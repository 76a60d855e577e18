import type { Route } from '../route.ts';
import { accountRoutes } from './accounts.ts';
import { accountJobRoutes } from './account-jobs.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { clockRoutes } from './clocks.ts';
import { collectionRoutes } from './collections.ts';
import { commandRoutes } from './commands.ts';
import { componentRoutes } from './components.ts';
import { contractRoutes } from './contracts.ts';
import { customerRoutes } from './customers.ts';
import { exportRoutes } from './exports.ts';
import { eventRoutes } from './events.ts';
import { incidentRoutes } from './incidents.ts';
import { invoiceRoutes } from './invoices.ts';
import { issuerRoutes } from './issuers.ts';
import { mailRoutes } from './mails.ts';
import { mailTemplateRoutes } from './mail-templates.ts';
import { oneTimeRoutes } from './one-time-charges.ts';
import { orderRoutes } from './orders.ts';
import { paymentMethodRoutes } from './payment-methods.ts';
import { paymentRoutes } from './payments.ts';
import { planRoutes } from './plans.ts';
import { statementRoutes } from './statements.ts';
import { taxPolicyRoutes } from './tax-policies.ts';
import { usageRoutes } from './usage.ts';
import { webhookDeliveryRoutes } from './webhook-deliveries.ts';
import { webhookEndpointRoutes } from './webhook-endpoints.ts';
import { variantRoutes } from './variants.ts';

const WITHOUT_CSV: readonly Route[] = [
  ...issuerRoutes,
  ...taxPolicyRoutes,
  ...planRoutes,
  ...componentRoutes,
  ...variantRoutes,
  ...customerRoutes,
  ...accountRoutes,
  ...collectionRoutes,
  ...accountJobRoutes,
  ...statementRoutes,
  ...paymentMethodRoutes,
  ...orderRoutes,
  ...contractRoutes,
  ...commandRoutes,
  ...oneTimeRoutes,
  ...usageRoutes,
  ...invoiceRoutes,
  ...paymentRoutes,
  ...eventRoutes,
  ...mailRoutes,
  ...mailTemplateRoutes,
  ...incidentRoutes,
  ...clockRoutes,
  ...webhookEndpointRoutes,
  ...webhookDeliveryRoutes,
  ...apiKeyRoutes,
];

/** All routes that need an API key, in the order of the reference page. */
export const ROUTES: readonly Route[] = [...WITHOUT_CSV, ...exportRoutes(WITHOUT_CSV)];
