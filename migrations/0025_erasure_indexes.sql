-- A message that is deleted asks whether a key leads to it.
create index idempotency_keys_message on inbox.idempotency_keys (tenant_id, message_id);
-- A conversation that is deleted asks for what it was given away for.
create index handovers_conversation on inbox.handovers (tenant_id, conversation_id);
