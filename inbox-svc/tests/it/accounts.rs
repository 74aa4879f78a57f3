//! The stand-in for tenants-svc's accounts: it knows who is a member, and nothing else.

use chatdesk_proto::tenants::v1::account_service_server::AccountService;
use chatdesk_proto::tenants::v1::*;
use tonic::{Request, Response, Status};

use crate::house::Shared;
use crate::vendors::Meta;

macro_rules! accounts {
    ($($name:ident: $request:ident => $answer:ident)*) => {
        #[tonic::async_trait]
        impl AccountService for Shared<Meta> {
            async fn list_members(&self, _: Request<ListMembersRequest>) -> Result<Response<ListMembersResponse>, Status> {
                if self.0.members_down.load(std::sync::atomic::Ordering::SeqCst) {
                    return Err(Status::unavailable("down"));
                }
                let ids = self.0.members.lock().unwrap().clone();
                let items = ids.into_iter().map(|id| Member { id, ..Member::default() }).collect();
                Ok(Response::new(ListMembersResponse { items }))
            }

            $(async fn $name(&self, _: Request<$request>) -> Result<Response<$answer>, Status> {
                Err(Status::unimplemented(""))
            })*
        }
    };
}

accounts! {
    register: RegisterRequest => Session
    login: LoginRequest => Session
    refresh: RefreshRequest => Session
    logout: LogoutRequest => LogoutResponse
    get_profile: GetProfileRequest => User
    update_profile: UpdateProfileRequest => User
    change_password: ChangePasswordRequest => ChangePasswordResponse
    list_sessions: ListSessionsRequest => ListSessionsResponse
    end_session: EndSessionRequest => EndSessionResponse
    end_all_sessions: EndAllSessionsRequest => EndAllSessionsResponse
    add_member: AddMemberRequest => Member
    request_password_reset: RequestPasswordResetRequest => RequestPasswordResetResponse
    reset_password: ResetPasswordRequest => ResetPasswordResponse
    start_totp: StartTotpRequest => TotpSecret
    confirm_totp: ConfirmTotpRequest => ConfirmTotpResponse
    disable_totp: DisableTotpRequest => DisableTotpResponse
    set_up_totp: SetUpTotpRequest => SetUpTotpResponse
    clear_totp: ClearTotpRequest => ClearTotpResponse
    create_admin: CreateAdminRequest => User
    issue_ticket: IssueTicketRequest => Ticket
    redeem_ticket: RedeemTicketRequest => TicketHolder
    check_sessions: CheckSessionsRequest => CheckSessionsResponse
}
