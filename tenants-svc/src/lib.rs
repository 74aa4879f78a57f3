//! chatdesk-tenants
