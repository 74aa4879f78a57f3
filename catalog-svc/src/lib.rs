//! chatdesk-catalog
