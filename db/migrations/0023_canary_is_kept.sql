-- Without its canary the vault would take any master key: it is kept as the books are.
create trigger never_truncated before truncate on vault_canary for each statement execute function refuse_loss();
