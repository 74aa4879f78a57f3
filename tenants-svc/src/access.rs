//! Who may call what. A test compares it with the descriptors, so no method is forgotten.

use chatdesk_platform::Allow::{Admin, Member, Service, TenantService, Visitor};
use chatdesk_platform::Role::{Agent, Manager, Owner, Viewer};
use chatdesk_platform::ServiceName::{Ai, Cli, Gateway, Inbox};
use chatdesk_platform::{AccessTable, Allow};

/// Every method of this service and its callers.
pub const ACCESS: AccessTable = &[
    ("/chatdesk.tenants.v1.AccountService/Register", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Login", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Refresh", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Logout", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/GetProfile", &[Member(Viewer), Visitor, Admin]),
    // Their own name; for the business's profile the method itself asks for a manager.
    ("/chatdesk.tenants.v1.AccountService/UpdateProfile", &[Member(Viewer)]),
    ("/chatdesk.tenants.v1.AccountService/ChangePassword", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ListSessions", PERSON),
    ("/chatdesk.tenants.v1.AccountService/EndSession", PERSON),
    ("/chatdesk.tenants.v1.AccountService/EndAllSessions", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ListMembers", &[Member(Viewer), Visitor, TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.AccountService/AddMember", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.AccountService/RequestPasswordReset", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/ResetPassword", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/StartTotp", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ConfirmTotp", PERSON),
    ("/chatdesk.tenants.v1.AccountService/DisableTotp", PERSON),
    ("/chatdesk.tenants.v1.AccountService/SetUpTotp", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/ClearTotp", &[Service(Cli)]),
    ("/chatdesk.tenants.v1.AccountService/CreateAdmin", &[Service(Cli)]),
    ("/chatdesk.tenants.v1.AccountService/IssueTicket", &[Member(Viewer)]),
    ("/chatdesk.tenants.v1.AccountService/RedeemTicket", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/CheckSessions", &[TenantService(Gateway), Service(Gateway)]),
    ("/chatdesk.tenants.v1.AdminService/SuspendTenant", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/ResumeTenant", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/ListTenants", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/GetTenant", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/SetCap", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/ListChannelHealth", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/ListUsage", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/EnterTenant", &[Admin]),
    ("/chatdesk.tenants.v1.AdminService/NoteWork", &[Admin]),
    ("/chatdesk.tenants.v1.AuditService/ListAudit", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.AuditService/ListAdminAudit", &[Admin]),
    ("/chatdesk.tenants.v1.AuditService/NoteRefusal", &[Visitor]),
    ("/chatdesk.tenants.v1.ChannelService/ListChannels", &[Member(Viewer), Visitor, TenantService(Gateway)]),
    ("/chatdesk.tenants.v1.ChannelService/ConnectChannel", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.ChannelService/DisconnectChannel", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.ChannelService/SendText", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/UploadAttachment", &[Member(Agent)]),
    ("/chatdesk.tenants.v1.ChannelService/GetAttachment", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/SendAttachment", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/SendCards", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/SendAction", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/FetchContactProfile", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/ReadThread", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/ListThreads", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/FetchMessage", &[TenantService(Inbox)]),
    ("/chatdesk.tenants.v1.ChannelService/CheckChannel", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.ConnectService/StartConnect", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.ConnectService/FinishConnect", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.ConnectService/ConnectGranted", &[Member(Manager)]),
    // Whose page it is, is the owners' business.
    ("/chatdesk.tenants.v1.ConnectService/RequestTransfer", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.ConnectService/ListTransfers", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.ConnectService/DecideTransfer", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.ConnectService/Deauthorize", GATEWAY),
    ("/chatdesk.tenants.v1.ConnectService/RequestDeletion", GATEWAY),
    ("/chatdesk.tenants.v1.ConnectService/GetDeletion", GATEWAY),
    ("/chatdesk.tenants.v1.NoticeService/ListNotices", &[Member(Viewer), Visitor]),
    // Taking everything along and ending it all is the owners' business; everybody may know that it ends.
    ("/chatdesk.tenants.v1.PrivacyService/StartExport", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.PrivacyService/ListExports", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.PrivacyService/GetExport", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.PrivacyService/ReadExport", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.PrivacyService/GetTenantDeletion", &[Member(Viewer), Visitor]),
    ("/chatdesk.tenants.v1.PrivacyService/RequestTenantDeletion", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.PrivacyService/CancelTenantDeletion", &[Member(Owner)]),
    ("/chatdesk.tenants.v1.PrivacyService/EraseContact", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.SavedReplyService/ListSavedReplies", &[Member(Viewer), Visitor]),
    ("/chatdesk.tenants.v1.SavedReplyService/CreateSavedReply", &[Member(Agent)]),
    ("/chatdesk.tenants.v1.SavedReplyService/UpdateSavedReply", &[Member(Agent)]),
    ("/chatdesk.tenants.v1.SavedReplyService/DeleteSavedReply", &[Member(Agent)]),
    (
        "/chatdesk.tenants.v1.SettingsService/GetAssistantSettings",
        &[Member(Viewer), Visitor, TenantService(Ai), TenantService(Inbox)],
    ),
    ("/chatdesk.tenants.v1.SettingsService/UpdateAssistantSettings", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.SystemService/GetSystem", &[Admin]),
    ("/chatdesk.tenants.v1.SystemService/ListFailedWork", &[Admin]),
    ("/chatdesk.tenants.v1.SystemService/RetryWork", &[Admin]),
    ("/chatdesk.tenants.v1.SystemService/DiscardWork", &[Admin]),
    ("/chatdesk.tenants.v1.TeamService/ListInvitations", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.TeamService/CreateInvitation", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.TeamService/RevokeInvitation", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.TeamService/GetInvitation", GATEWAY),
    ("/chatdesk.tenants.v1.TeamService/AcceptInvitation", GATEWAY),
    ("/chatdesk.tenants.v1.TeamService/ChangeRole", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.TeamService/RemoveMember", &[Member(Manager)]),
    ("/chatdesk.tenants.v1.UsageService/ReserveTokens", &[TenantService(Ai)]),
    ("/chatdesk.tenants.v1.UsageService/SettleTokens", &[TenantService(Ai)]),
];

/// Calls that are made before anyone is known.
const GATEWAY: &[Allow] = &[Service(Gateway)];
/// Whoever is logged in.
const PERSON: &[Allow] = &[Member(Viewer), Admin];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_method_is_listed_once_and_none_is_made_up() {
        let files = FileDescriptorSet::decode(chatdesk_proto::FILE_DESCRIPTOR_SET).unwrap().file;
        let ours = files.iter().filter(|file| file.package() == "chatdesk.tenants.v1");
        let described: BTreeSet<String> = ours
            .flat_map(|file| &file.service)
            .flat_map(|service| {
                service.method.iter().map(|method| format!("/chatdesk.tenants.v1.{}/{}", service.name(), method.name()))
            })
            .collect();
        let listed: BTreeSet<String> = ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(listed, described);
        assert_eq!(listed.len(), ACCESS.len());
        assert!(ACCESS.iter().all(|(_, allows)| !allows.is_empty()));
    }
}
