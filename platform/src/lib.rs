//! chatdesk-platform
