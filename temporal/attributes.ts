import { defineSearchAttributeKey } from '@temporalio/common';

/** What operators can search workflows by. Values are plain text on the server: ids only, no personal data. */
export const attribute = {
  Merchant: defineSearchAttributeKey('Merchant', 'KEYWORD'),
  Customer: defineSearchAttributeKey('Customer', 'KEYWORD'),
  Plan: defineSearchAttributeKey('Plan', 'KEYWORD'),
  Phase: defineSearchAttributeKey('Phase', 'KEYWORD'),
  DunningLevel: defineSearchAttributeKey('DunningLevel', 'INT'),
  Incident: defineSearchAttributeKey('Incident', 'KEYWORD'),
} as const;
