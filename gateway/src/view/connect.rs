//! What comes before a channel is connected, and what becomes of it between businesses.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::channel::Platform;
use super::{Time, Unreadable, each, filled, names, time, time_opt};

names! {
    /// Whether a page of a grant can be connected.
    PageState of pb::PageState {
        /// It can.
        Available,
        /// This business has it; connecting renews its token.
        Connected,
        /// Another business has it; its owner can be asked for it.
        Taken,
        /// The person may not manage its messages.
        NoRight,
    }
}

names! {
    /// How far a transfer is.
    TransferState of pb::TransferState {
        /// The owner has not answered.
        Pending,
        /// The page is free for the asker, for 7 days.
        Accepted,
        /// The owner keeps it.
        Declined,
        /// The asker took it back, or nobody answered for 7 days.
        Cancelled,
        /// The asker connected it.
        Done,
    }
}

/// Where to send the browser for Meta's login.
#[derive(Serialize, ToSchema)]
pub struct LoginDialog {
    /// Meta's dialog.
    url: String,
    /// What the dialog must bring back beside the code.
    state: String,
}

impl From<pb::StartConnectResponse> for LoginDialog {
    fn from(dialog: pb::StartConnectResponse) -> Self {
        Self { url: dialog.url, state: dialog.state }
    }
}

/// A page or account of a grant.
#[derive(Serialize, ToSchema)]
pub struct GrantedPage {
    platform: Platform,
    /// Meta's id of the page or account.
    page_id: String,
    name: String,
    state: PageState,
}

/// What a login allows to connect, for 15 minutes.
#[derive(Serialize, ToSchema)]
pub struct Grant {
    id: String,
    expires_at: Time,
    /// By name.
    pages: Vec<GrantedPage>,
}

impl TryFrom<pb::GrantedPage> for GrantedPage {
    type Error = Unreadable;

    fn try_from(page: pb::GrantedPage) -> Result<Self, Unreadable> {
        let (platform, state) = (page.platform.try_into()?, page.state.try_into()?);
        Ok(Self { platform, page_id: page.page_id, name: page.name, state })
    }
}

impl TryFrom<pb::ConnectGrant> for Grant {
    type Error = Unreadable;

    fn try_from(grant: pb::ConnectGrant) -> Result<Self, Unreadable> {
        Ok(Self { id: grant.id, expires_at: time(grant.expires_at, "grant")?, pages: each(grant.pages)? })
    }
}

/// A page that one business asks of another. Neither is told who the other is.
#[derive(Serialize, ToSchema)]
pub struct Transfer {
    id: String,
    platform: Platform,
    /// Meta's id of the page or account.
    page_id: String,
    /// Where it is known.
    page_name: Option<String>,
    /// True: another business asks for this page of ours. False: we ask for theirs.
    is_incoming: bool,
    state: TransferState,
    created_at: Time,
}

impl TryFrom<pb::Transfer> for Transfer {
    type Error = Unreadable;

    fn try_from(transfer: pb::Transfer) -> Result<Self, Unreadable> {
        Ok(Self {
            id: transfer.id,
            platform: transfer.platform.try_into()?,
            page_id: transfer.page_id,
            page_name: filled(transfer.page_name),
            is_incoming: transfer.is_incoming,
            state: transfer.state.try_into()?,
            created_at: time(transfer.created_at, "transfer")?,
        })
    }
}

/// How far the deletion is that a person asked Meta for.
#[derive(Serialize, ToSchema)]
pub struct Deletion {
    code: String,
    is_done: bool,
    requested_at: Time,
    completed_at: Option<Time>,
}

impl TryFrom<pb::Deletion> for Deletion {
    type Error = Unreadable;

    fn try_from(deletion: pb::Deletion) -> Result<Self, Unreadable> {
        Ok(Self {
            code: deletion.code,
            is_done: deletion.is_done,
            requested_at: time(deletion.requested_at, "deletion")?,
            completed_at: time_opt(deletion.completed_at),
        })
    }
}
