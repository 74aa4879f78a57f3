alter table routing.due_work
    -- When it was set aside.
    add column failed_at timestamptz,
    -- What was under way when it was scheduled (W3C Trace Context, `traceparent`), so that a trace goes on with the work. Null unless traces
    -- are collected; ids only.
    add column trace text check (length(trace) <= 64);
