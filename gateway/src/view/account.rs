//! People, their sessions, and tenants as the platform's admins see them.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// What colleagues call the user: the e-mail's part before the @ unless set.
    name: String,
    role: Role,
    /// Null for platform admins.
    member_role: Option<MemberRole>,
    /// Null for platform admins.
    business_id: Option<String>,
    business_name: Option<String>,
    business_description: Option<String>,
    phone: Option<String>,
    /// Whether logins need a one-time code.
    has_totp: bool,
    /// Whether this is a platform admin who looks at the business, and is none of its people.
    is_visitor: bool,
    /// IANA name of the business's time zone; null for platform admins.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    time_zone: Option<String>,
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
            name: user.name,
            role,
            member_role: (role == Role::Business).then(|| user.member_role.try_into()).transpose()?,
            business_id: filled(user.tenant_id),
            business_name: filled(user.business_name),
            business_description: filled(user.business_description),
            phone: filled(user.phone),
            has_totp: user.has_totp,
            is_visitor: user.is_visitor,
            time_zone: filled(user.time_zone),
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

/// One of a user's sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionInfo {
    id: String,
    created_at: Time,
    last_used_at: Time,
    /// The browser as it names itself; null when it did not.
    user_agent: Option<String>,
    /// Whether this very request belongs to it.
    is_current: bool,
}

impl SessionInfo {
    /// A session as one of its user's other sessions, or `current` itself, sees it.
    pub fn seen_from(current: Uuid, told: pb::SessionInfo) -> Result<Self, Unreadable> {
        Ok(Self {
            is_current: told.id.parse() == Ok(current),
            created_at: time(told.created_at, "session")?,
            last_used_at: time(told.last_used_at, "session")?,
            user_agent: filled(told.user_agent),
            id: told.id,
        })
    }
}

/// A person of the business.
#[derive(Serialize, ToSchema)]
pub struct Member {
    id: String,
    email: String,
    /// What colleagues call them: the e-mail's part before the @ unless set.
    name: String,
    member_role: MemberRole,
    /// Whether their logins need a one-time code.
    has_totp: bool,
    created_at: Time,
}

impl TryFrom<pb::Member> for Member {
    type Error = Unreadable;

    fn try_from(told: pb::Member) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            email: told.email,
            name: told.name,
            member_role: told.member_role.try_into()?,
            has_totp: told.has_totp,
            created_at: time(told.created_at, "member")?,
        })
    }
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
    TenantState of pb::TenantState { Active, Suspended, Deleting }
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
