//! chatdesk-gateway
