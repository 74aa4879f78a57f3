//! Invitations, and what one-time codes are made with.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::MemberRole;
use super::{Time, Unreadable, names, time};

names! {
    /// How an invitation that was neither accepted nor taken back stands.
    InvitationState of pb::InvitationState {
        /// Its link works.
        Open,
        /// Its link does not work any more; invite again.
        Expired,
    }
}

/// An invitation as the business sees it.
#[derive(Serialize, ToSchema)]
pub struct Invitation {
    id: String,
    email: String,
    member_role: MemberRole,
    /// The member who invited.
    invited_by: String,
    created_at: Time,
    /// When its link stops working.
    expires_at: Time,
    state: InvitationState,
}

impl TryFrom<pb::Invitation> for Invitation {
    type Error = Unreadable;

    fn try_from(told: pb::Invitation) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            email: told.email,
            member_role: told.member_role.try_into()?,
            invited_by: told.invited_by,
            created_at: time(told.created_at, "invitation")?,
            expires_at: time(told.expires_at, "invitation")?,
            state: told.state.try_into()?,
        })
    }
}

/// An invitation as the invited person sees it.
#[derive(Serialize, ToSchema)]
pub struct InvitationOffer {
    business_name: String,
    /// The address that they will log in with.
    email: String,
    member_role: MemberRole,
    /// What colleagues call whoever invited.
    invited_by: String,
    expires_at: Time,
}

impl TryFrom<pb::InvitationOffer> for InvitationOffer {
    type Error = Unreadable;

    fn try_from(told: pb::InvitationOffer) -> Result<Self, Unreadable> {
        Ok(Self {
            business_name: told.business_name,
            email: told.email,
            member_role: told.member_role.try_into()?,
            invited_by: told.invited_by,
            expires_at: time(told.expires_at, "invitation")?,
        })
    }
}

/// A secret for an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds).
#[derive(Serialize, ToSchema)]
pub struct TotpSecret {
    /// In base32, to be typed.
    secret: String,
    /// The same as an address, to be shown as a QR code.
    #[schema(example = "otpauth://totp/ChatDesk:lan%40gom.vn?secret=…&issuer=ChatDesk")]
    uri: String,
}

impl TryFrom<pb::TotpSecret> for TotpSecret {
    type Error = Unreadable;

    fn try_from(told: pb::TotpSecret) -> Result<Self, Unreadable> {
        Ok(Self { secret: told.secret, uri: told.uri })
    }
}

/// Codes for the day one has lost the device. Each works once in place of a one-time code.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    /// As the service made them.
    pub const fn new(recovery_codes: Vec<String>) -> Self {
        Self { recovery_codes }
    }
}
