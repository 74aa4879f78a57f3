//! chatdesk-sandbox
