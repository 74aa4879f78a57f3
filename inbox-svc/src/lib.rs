//! chatdesk-inbox
