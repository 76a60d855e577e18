-- A document's row is the last to be written, with its number, so that its series is locked for a moment only; what
-- belongs to it is there before, and is checked when the transaction commits.
alter table document_lines alter constraint document_lines_merchant_id_document_id_fkey deferrable initially deferred;
alter table document_taxes alter constraint document_taxes_merchant_id_document_id_fkey deferrable initially deferred;
alter table receivables alter constraint receivables_merchant_id_document_id_fkey deferrable initially deferred;
alter table credits alter constraint credits_merchant_id_document_id_fkey deferrable initially deferred;
