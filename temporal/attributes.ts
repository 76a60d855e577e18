import { defineSearchAttributeKey } from '@temporalio/common';

/** The search attributes of workflows. Their values are plain text on the server, so they have no personal data. */
export const attribute = {
  Merchant: defineSearchAttributeKey('Merchant', 'KEYWORD'),
  Customer: defineSearchAttributeKey('Customer', 'KEYWORD'),
  Plan: defineSearchAttributeKey('Plan', 'KEYWORD'),
  Phase: defineSearchAttributeKey('Phase', 'KEYWORD'),
  DunningLevel: defineSearchAttributeKey('DunningLevel', 'INT'),
  Incident: defineSearchAttributeKey('Incident', 'KEYWORD'),
} as const;
