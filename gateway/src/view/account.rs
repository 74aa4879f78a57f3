//! People, their sessions, and tenants as the platform's admins see them.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, filled, names, time};

names! {
    /// What kind of user this is.
    Role of pb::UserRole { Business, Admin }
}

names! {
    /// What a member may do within the business.
    MemberRole of pb::MemberRole { Owner, Manager, Agent, Viewer }
}

/// A user and, for a member, the business.
#[derive(Serialize, ToSchema)]
pub struct User {
    id: String,
    email: String,
    role: Role,
    /// Null for platform admins.
    member_role: Option<MemberRole>,
    /// Null for platform admins.
    business_id: Option<String>,
    business_name: Option<String>,
    business_description: Option<String>,
    phone: Option<String>,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<pb::User> for User {
    type Error = Unreadable;

    fn try_from(user: pb::User) -> Result<Self, Unreadable> {
        let role = Role::try_from(user.role)?;
        let (created_at, updated_at) = (time(user.created_at, "user")?, time(user.updated_at, "user")?);
        Ok(Self {
            id: user.id,
            email: user.email,
            role,
            member_role: (role == Role::Business).then(|| user.member_role.try_into()).transpose()?,
            business_id: filled(user.tenant_id),
            business_name: filled(user.business_name),
            business_description: filled(user.business_description),
            phone: filled(user.phone),
            created_at,
            updated_at,
        })
    }
}

/// A session just started or renewed. The refresh token comes as a cookie.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Seconds until it stops working.
    pub expires_in: i64,
    /// Whose session it is.
    pub user: User,
}

/// A ticket for one live socket.
#[derive(Serialize, ToSchema)]
#[schema(as = Ticket)]
pub struct TicketView {
    /// Offer it as the sub-protocol `ticket.<value>` beside `chatdesk.v1`.
    pub ticket: String,
    /// Seconds until it stops working.
    pub expires_in: u32,
}

names! {
    /// Whether a tenant may work.
    TenantState of pb::TenantState { Active, Suspended }
}

/// A tenant's state.
#[derive(Serialize, ToSchema)]
#[schema(as = TenantStatus)]
pub struct AdminView {
    business_id: String,
    state: TenantState,
    /// Why, when suspended.
    reason: Option<String>,
    changed_at: Time,
}

impl TryFrom<pb::TenantStatus> for AdminView {
    type Error = Unreadable;

    fn try_from(status: pb::TenantStatus) -> Result<Self, Unreadable> {
        Ok(Self {
            business_id: status.tenant_id,
            state: status.state.try_into()?,
            reason: filled(status.reason),
            changed_at: time(status.changed_at, "tenant")?,
        })
    }
}
