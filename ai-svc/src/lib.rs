//! chatdesk-ai
