//! The stand-in for what the tenants service does for teams.

use chatdesk_proto::tenants::v1 as tenants;
use chatdesk_proto::tenants::v1::team_service_server::TeamService;
use tonic::{Request, Response};

use super::tenants_side::session;
use super::{Answer, Fake};
use crate::samples;

#[tonic::async_trait]
impl TeamService for Fake {
    async fn list_invitations(
        &self,
        request: Request<tenants::ListInvitationsRequest>,
    ) -> Answer<tenants::ListInvitationsResponse> {
        self.0.seen("ListInvitations", &request).await?;
        Ok(Response::new(tenants::ListInvitationsResponse { items: vec![samples::invitation()] }))
    }

    async fn create_invitation(
        &self,
        request: Request<tenants::CreateInvitationRequest>,
    ) -> Answer<tenants::Invitation> {
        self.0.seen("CreateInvitation", &request).await?;
        Ok(Response::new(samples::invitation()))
    }

    async fn revoke_invitation(
        &self,
        request: Request<tenants::RevokeInvitationRequest>,
    ) -> Answer<tenants::RevokeInvitationResponse> {
        self.0.seen("RevokeInvitation", &request).await?;
        Ok(Response::new(tenants::RevokeInvitationResponse {}))
    }

    async fn get_invitation(
        &self,
        request: Request<tenants::GetInvitationRequest>,
    ) -> Answer<tenants::InvitationOffer> {
        self.0.seen("GetInvitation", &request).await?;
        let tenants::Invitation { email, member_role, expires_at, .. } = samples::invitation();
        Ok(Response::new(tenants::InvitationOffer {
            business_name: "Tiệm Mây".into(),
            email,
            member_role,
            invited_by: "Lan".into(),
            expires_at,
        }))
    }

    async fn accept_invitation(&self, request: Request<tenants::AcceptInvitationRequest>) -> Answer<tenants::Session> {
        self.0.seen("AcceptInvitation", &request).await?;
        Ok(session(samples::owner()))
    }

    async fn change_role(&self, request: Request<tenants::ChangeRoleRequest>) -> Answer<tenants::Member> {
        self.0.seen("ChangeRole", &request).await?;
        Ok(Response::new(samples::member()))
    }

    async fn remove_member(
        &self,
        request: Request<tenants::RemoveMemberRequest>,
    ) -> Answer<tenants::RemoveMemberResponse> {
        self.0.seen("RemoveMember", &request).await?;
        let ended_session_ids = vec![samples::OTHER_SESSION.into()];
        Ok(Response::new(tenants::RemoveMemberResponse { ended_session_ids }))
    }
}
