//! Which caller may call which gRPC method. Deny by default: a method that is not listed is refused.

use crate::{Caller, Identity, Role, ServiceName};

/// One kind of caller that a method takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// A person of the tenant with at least this role, or an operator's client acting for the tenant.
    Member(Role),
    /// A platform admin.
    Admin,
    /// A platform admin inside the tenant. For methods that change nothing and show no secret, no export and nobody's own.
    Visitor,
    /// This service on its own behalf, or the operator's command line.
    Service(ServiceName),
    /// This service acting for a tenant, or an operator's client that does.
    TenantService(ServiceName),
}

/// `/package.Service/Method` and who may call it.
pub type AccessTable = &'static [(&'static str, &'static [Allow])];

impl Allow {
    /// Whether this kind takes the caller.
    #[must_use]
    pub fn takes(self, caller: &Caller) -> bool {
        let operator = caller.issuer() == ServiceName::Cli;
        let has_tenant = caller.tenant().is_some();
        match (self, caller.identity()) {
            (Self::Member(least), Identity::Member { role, .. }) => role >= least,
            (Self::Member(_), Identity::Service { .. }) => operator && has_tenant,
            (Self::Admin, Identity::PlatformAdmin { .. }) | (Self::Visitor, Identity::Visitor { .. }) => true,
            (Self::Service(want), Identity::Service { name, .. }) => !has_tenant && (name == want || operator),
            (Self::TenantService(want), Identity::Service { name, .. }) => has_tenant && (name == want || operator),
            _ => false,
        }
    }
}

/// Whether the table lets this caller call the method.
pub(crate) fn allowed(table: AccessTable, method: &str, caller: &Caller) -> bool {
    table.iter().any(|(name, allows)| *name == method && allows.iter().any(|allow| allow.takes(caller)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TenantId, UserId, new_id};

    const TABLE: AccessTable =
        &[("/s/Read", &[Allow::Member(Role::Viewer)]), ("/s/Write", &[Allow::Member(Role::Agent)])];

    fn member(role: Role) -> Caller {
        let who = Identity::Member { tenant: TenantId(new_id()), user: UserId(new_id()), role };
        Caller::proved(who, ServiceName::Gateway)
    }

    #[test]
    fn what_is_not_listed_is_refused() {
        assert!(!allowed(TABLE, "/s/Other", &member(Role::Owner)));
    }

    #[test]
    fn roles_rank() {
        assert!(allowed(TABLE, "/s/Read", &member(Role::Viewer)));
        assert!(!allowed(TABLE, "/s/Write", &member(Role::Viewer)));
        assert!(allowed(TABLE, "/s/Write", &member(Role::Owner)));
    }

    #[test]
    fn a_visitor_does_only_what_names_visitors() {
        let (tenant, admin) = (TenantId(new_id()), UserId(new_id()));
        let visitor = Caller::proved(Identity::Visitor { tenant, admin }, ServiceName::Gateway);
        let open: AccessTable = &[("/s/Look", &[Allow::Member(Role::Viewer), Allow::Visitor])];
        assert!(allowed(open, "/s/Look", &visitor));
        assert!(!allowed(TABLE, "/s/Read", &visitor) && !allowed(TABLE, "/s/Write", &visitor));
        assert!(!allowed(&[("/s/Admin", &[Allow::Admin])], "/s/Admin", &visitor));
    }

    #[test]
    fn a_service_without_a_tenant_is_no_member() {
        let nobody = Caller::proved(Identity::Service { name: ServiceName::Cli, tenant: None }, ServiceName::Cli);
        assert!(!allowed(TABLE, "/s/Read", &nobody));
    }
}
