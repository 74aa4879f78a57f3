//! Who calls. An [`Identity`] is claimed by an issuer; a [`Caller`] has been proved, by a verified internal token or by
//! claimed due work, and is the only key to a tenant's rows.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Error;

/// A fresh identifier that sorts by the time it was made (UUID version 7, RFC 9562).
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A business. Outside it is called `business_id`.
    TenantId
}
id! {
    /// A person who logs in.
    UserId
}

/// What a member may do. Orders from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Answers customers.
    Agent,
    /// Everything but ownership.
    Manager,
    /// Everything.
    Owner,
}

impl Role {
    /// The name that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Viewer, Self::Agent, Self::Manager, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownName)
    }
}

/// A text that names nothing we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known name")]
pub struct UnknownName;

/// The processes of the house, and its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceName {
    /// The HTTP edge.
    Gateway,
    /// Businesses, users, channels.
    Tenants,
    /// Conversations.
    Inbox,
    /// Products.
    Catalog,
    /// Embeddings and answers.
    Ai,
    /// The operator's command line and the clients it mints tokens for.
    Cli,
}

impl ServiceName {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Gateway, Self::Tenants, Self::Inbox, Self::Catalog, Self::Ai, Self::Cli];

    /// The name in tokens and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Tenants => "tenants",
            Self::Inbox => "inbox",
            Self::Catalog => "catalog",
            Self::Ai => "ai",
            Self::Cli => "cli",
        }
    }

    /// Who may call this service. Calls go one way: gateway → all, inbox → ai and tenants, ai → catalog and tenants.
    #[must_use]
    pub const fn callers(self) -> &'static [Self] {
        match self {
            Self::Tenants => &[Self::Gateway, Self::Inbox, Self::Ai, Self::Cli],
            Self::Inbox => &[Self::Gateway, Self::Cli],
            Self::Catalog => &[Self::Gateway, Self::Ai, Self::Cli],
            Self::Ai => &[Self::Gateway, Self::Inbox, Self::Cli],
            Self::Gateway | Self::Cli => &[],
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ServiceName {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or(UnknownName)
    }
}

/// Who somebody says they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// A person of a business.
    Member {
        /// The business.
        tenant: TenantId,
        /// The person.
        user: UserId,
        /// What they may do.
        role: Role,
    },
    /// A person who runs the installation.
    PlatformAdmin {
        /// The person.
        user: UserId,
    },
    /// A platform admin inside a business, for some minutes, who only looks. He is none of its people.
    Visitor {
        /// The business.
        tenant: TenantId,
        /// The person.
        admin: UserId,
    },
    /// One of our own processes.
    Service {
        /// Which.
        name: ServiceName,
        /// For whom it acts, if for anyone.
        tenant: Option<TenantId>,
    },
}

impl Identity {
    /// The tenant it acts for.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Member { tenant, .. } | Self::Visitor { tenant, .. } => Some(*tenant),
            Self::PlatformAdmin { .. } => None,
            Self::Service { tenant, .. } => *tenant,
        }
    }
}

/// A proved identity. Made only by [`crate::Verifier`], from another one, and by the worker of due work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    identity: Identity,
    issuer: ServiceName,
    address: Option<IpAddr>,
}

impl Caller {
    pub(crate) const fn proved(identity: Identity, issuer: ServiceName) -> Self {
        Self { identity, issuer, address: None }
    }

    pub(crate) const fn at(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// Whose key vouched for it.
    #[must_use]
    pub const fn issuer(&self) -> ServiceName {
        self.issuer
    }

    /// The tenant it acts for.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        self.identity.tenant()
    }

    /// A service that called for no tenant, now acting for the one that `routing` names: who is logging in has proved nothing yet.
    /// Anybody else is refused, so that nobody changes tenants by calling.
    pub fn acting_for(&self, tenant: TenantId) -> Result<Self, Error> {
        match self.identity {
            Identity::Service { name, tenant: None } => {
                Ok(Self { identity: Identity::Service { name, tenant: Some(tenant) }, ..*self })
            }
            Identity::Service { .. }
            | Identity::Member { .. }
            | Identity::PlatformAdmin { .. }
            | Identity::Visitor { .. } => Err(Error::Forbidden),
        }
    }

    /// A platform admin, now looking at this one business: the only way from an admin's call to a tenant's rows. Anybody else is refused.
    pub fn visiting(&self, tenant: TenantId) -> Result<Self, Error> {
        match self.identity {
            Identity::PlatformAdmin { user: admin } => {
                Ok(Self { identity: Identity::Visitor { tenant, admin }, ..*self })
            }
            Identity::Service { .. } | Identity::Member { .. } | Identity::Visitor { .. } => Err(Error::Forbidden),
        }
    }

    /// The platform admin, when it is one inside a business.
    #[must_use]
    pub const fn acting(&self) -> Option<UserId> {
        match self.identity {
            Identity::Visitor { admin, .. } => Some(admin),
            Identity::Service { .. } | Identity::Member { .. } | Identity::PlatformAdmin { .. } => None,
        }
    }

    /// Where the person's request came from, as the gateway saw it.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The person, when it is one of the business or of the installation. A visitor is neither here: what is a person's own is not theirs.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self.identity {
            Identity::Member { user, .. } | Identity::PlatformAdmin { user } => Some(user),
            Identity::Service { .. } | Identity::Visitor { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_service_without_a_tenant_takes_one_on() {
        let (own, other) = (TenantId(new_id()), TenantId(new_id()));
        let service = |tenant| Identity::Service { name: ServiceName::Gateway, tenant };
        let free = Caller::proved(service(None), ServiceName::Gateway);
        assert_eq!(free.acting_for(own).unwrap().tenant(), Some(own));
        let member = Identity::Member { tenant: own, user: UserId(new_id()), role: Role::Owner };
        for bound in [service(Some(own)), member, Identity::PlatformAdmin { user: UserId(new_id()) }] {
            assert!(Caller::proved(bound, ServiceName::Gateway).acting_for(other).is_err());
        }
    }

    #[test]
    fn only_an_admin_visits_and_no_visitor_goes_on_to_another() {
        let (own, other, admin) = (TenantId(new_id()), TenantId(new_id()), UserId(new_id()));
        let visitor = Caller::proved(Identity::PlatformAdmin { user: admin }, ServiceName::Gateway);
        let visitor = visitor.visiting(own).unwrap();
        assert_eq!((visitor.tenant(), visitor.acting(), visitor.user()), (Some(own), Some(admin), None));
        let member = Identity::Member { tenant: own, user: UserId(new_id()), role: Role::Owner };
        let service = Identity::Service { name: ServiceName::Gateway, tenant: None };
        for bound in [visitor.identity(), member, service] {
            assert!(Caller::proved(bound, ServiceName::Gateway).visiting(other).is_err());
        }
    }
}
