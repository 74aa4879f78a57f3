//! chatdesk-e2e
