//! Invitations, roles, and who leaves.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, Identity, Invalid, Role, TenantId, UserId, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::team_service_server::TeamService;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::account::{SHORTEST, encode_role, encode_session};
use super::members::{MOST_MEMBERS, encode_member, needed_role, too_many_members};
use super::wire;
use crate::Service;
use crate::audit::{self, Entry};
use crate::letter::{Language, Letter};
use crate::mail::Mail;
use crate::model::{self, Email, Password, Standing, User};
use crate::rotation::Opaque;
use crate::sessions;
use crate::store::account::{self, NewUser};
use crate::store::{invitation, session, status, team};
use crate::team::{
    DAY, INVITED_FOR, Invitation, MOST_A_DAY, MOST_INVITATIONS, MOST_TO_ONE, keep_an_owner, link_invalid, may_give,
    may_touch,
};

#[tonic::async_trait]
impl TeamService for Service {
    async fn list_invitations(
        &self,
        request: Request<pb::ListInvitationsRequest>,
    ) -> Result<Response<pb::ListInvitationsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let found = invitation::list(&mut tx).await?;
        tx.commit().await?;
        let now = self.state.clock.now();
        let items = found.into_iter().map(|one| encode(one, now)).collect();
        Ok(Response::new(pb::ListInvitationsResponse { items }))
    }

    async fn create_invitation(
        &self,
        request: Request<pb::CreateInvitationRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let caller = grpc::caller(&request)?;
        let made = self.invite(&caller, request.get_ref()).await?;
        let now = made.created_at;
        Ok(Response::new(encode(made, now)))
    }

    async fn revoke_invitation(
        &self,
        request: Request<pb::RevokeInvitationRequest>,
    ) -> Result<Response<pb::RevokeInvitationResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let (mut tx, _, own) = self.acting(&caller, &request.get_ref().session_id).await?;
        let found = invitation::hold(&mut tx, wire::id(&request.get_ref().id, "invitation")?).await?;
        let found = found.ok_or(Error::NotFound("invitation"))?;
        if !may_give(own, found.role) {
            return Err(Error::Forbidden.into());
        }
        self.revoke(&mut tx, &caller, found.id).await?;
        tx.commit().await?;
        Ok(Response::new(pb::RevokeInvitationResponse {}))
    }

    async fn get_invitation(
        &self,
        request: Request<pb::GetInvitationRequest>,
    ) -> Result<Response<pb::InvitationOffer>, Status> {
        let caller = grpc::caller(&request)?;
        let (tenant, id) = self.invited(&request.get_ref().token).await?;
        let mut tx = self.state.db.begin(&caller.acting_for(tenant)?).await?;
        let (found, inviter) = offer(&mut tx, id).await?;
        tx.commit().await?;
        let Standing::Member { business, .. } = inviter.standing else { return Err(link_invalid().into()) };
        Ok(Response::new(pb::InvitationOffer {
            business_name: business.name,
            email: found.email,
            member_role: encode_role(found.role).into(),
            invited_by: inviter.name,
            expires_at: Some(wire::timestamp(found.expires_at)),
        }))
    }

    async fn accept_invitation(
        &self,
        request: Request<pb::AcceptInvitationRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.join(&caller, request.get_ref()).await?))
    }

    async fn change_role(&self, request: Request<pb::ChangeRoleRequest>) -> Result<Response<pb::Member>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.get_ref();
        let mut invalid = Invalid::default();
        let role = invalid.check("member_role", needed_role(request.member_role()));
        let role = invalid.into_result(role)?;
        let (mut tx, _, own) = self.acting(&caller, &request.session_id).await?;
        let id = UserId(wire::id(&request.user_id, "member")?);
        let theirs = team::role(&mut tx, id).await?.ok_or(Error::NotFound("member"))?;
        if !may_touch(own, theirs) || !may_give(own, role) {
            return Err(Error::Forbidden.into());
        }
        keep_an_owner(theirs, Some(role), team::owners(&mut tx).await?)?;
        if role != theirs {
            team::set_role(&mut tx, id, role, self.state.clock.now()).await?;
            self.revoke_those_of(&mut tx, &caller, id, Some(role)).await?;
            let entry = Entry::new("member.role_changed", format!("user:{id}"));
            audit::note(&mut tx, &caller, entry.change(json_role(theirs), json_role(role))).await?;
        }
        let changed = account::members(&mut tx).await?.into_iter().find(|member| member.id == id);
        tx.commit().await?;
        Ok(Response::new(encode_member(changed.ok_or(Error::NotFound("member"))?)))
    }

    async fn remove_member(
        &self,
        request: Request<pb::RemoveMemberRequest>,
    ) -> Result<Response<pb::RemoveMemberResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.get_ref();
        let (mut tx, own_id, own) = self.acting(&caller, &request.session_id).await?;
        let id = UserId(wire::id(&request.user_id, "member")?);
        let theirs = team::role(&mut tx, id).await?.ok_or(Error::NotFound("member"))?;
        if id != own_id && !may_touch(own, theirs) {
            return Err(Error::Forbidden.into());
        }
        keep_an_owner(theirs, None, team::owners(&mut tx).await?)?;
        let now = self.state.clock.now();
        // In this order: a login that has just begun a session holds their row, and what it began is ended too.
        team::remove(&mut tx, id, now).await?;
        let ended = sessions::end_others(tx.conn(), id, None, now).await?;
        self.revoke_those_of(&mut tx, &caller, id, None).await?;
        let entry = Entry::new("member.removed", format!("user:{id}"));
        audit::note(&mut tx, &caller, entry.change(json_role(theirs), Value::Null)).await?;
        tx.commit().await?;
        tracing::info!(user = %id, ended = ended.len(), "a member was removed");
        let ended_session_ids = ended.iter().map(Uuid::to_string).collect();
        Ok(Response::new(pb::RemoveMemberResponse { ended_session_ids }))
    }
}

impl Service {
    /// The calling member and what they may do, with the team held still until the transaction ends: their role now, and no more than their
    /// token says. Managers and owners only.
    pub(super) async fn acting(&self, caller: &Caller, session_id: &str) -> Result<(TenantTx, UserId, Role), Error> {
        let Identity::Member { user, role: told, .. } = caller.identity() else { return Err(Error::Forbidden) };
        self.needs_live_session(caller, session_id).await?;
        let mut tx = self.state.db.begin(caller).await?;
        team::hold(&mut tx).await?;
        let role = team::role(&mut tx, user).await?.ok_or(Error::Unauthenticated)?.min(told);
        if role >= Role::Manager { Ok((tx, user, role)) } else { Err(Error::Forbidden) }
    }

    async fn invite(&self, caller: &Caller, request: &pb::CreateInvitationRequest) -> Result<Invitation, Error> {
        let state = &self.state;
        let mut invalid = Invalid::default();
        let email = invalid.check("email", Email::parse(&request.email));
        let role = invalid.check("member_role", needed_role(request.member_role()));
        let (email, role) = invalid.into_result(email.zip(role))?;
        if !state.sends_mail() {
            let detail =
                "This installation sends no mail; ask its operator, or add the person with a password.".to_owned();
            return Err(Error::Precondition { code: "mail_off", detail });
        }
        let (mut tx, user, own) = self.acting(caller, &request.session_id).await?;
        if !may_give(own, role) {
            return Err(Error::Forbidden);
        }
        let email_hash = &state.keys.email_hash(email.as_str());
        if account::is_in_use(tx.conn(), email_hash).await? {
            return Err(account::in_use("email_in_use"));
        }
        let now = state.clock.now();
        let (made, first) = invitation::made_since(&mut tx, now - DAY).await?;
        if made >= MOST_A_DAY {
            return Err(invited_too_often(first, now));
        }
        let (sent, first) = invitation::sent_to(&mut tx, email_hash, now - DAY + INVITED_FOR).await?;
        if sent >= MOST_TO_ONE {
            return Err(invited_too_often(first.map(|end| end - INVITED_FOR), now));
        }
        if let Some(older) = invitation::of_email(&mut tx, email.as_str()).await? {
            invitation::end(&mut tx, older, now).await?;
        }
        if invitation::list(&mut tx).await?.iter().filter(|one| one.is_open(now)).count() >= MOST_INVITATIONS {
            let detail = format!("A business has at most {MOST_INVITATIONS} open invitations.");
            return Err(Error::Precondition { code: "too_many_invitations", detail });
        }
        if !account::has_room(&mut tx, MOST_MEMBERS).await? {
            return Err(too_many_members());
        }
        let (inviter, _) = account::member(&mut tx, user).await?.ok_or(Error::Unauthenticated)?;
        let Standing::Member { tenant, business, .. } = inviter.standing else { return Err(Error::Forbidden) };
        let expires_at = now + INVITED_FOR;
        let letter = Letter::Invitation { business: business.name, invited_by: inviter.name, role };
        let mail = Mail { to: email.as_str().to_owned(), language: language(request.language()), letter };
        let mail = state.post(tx.conn(), Some(tenant), &mail, expires_at).await?;
        let email = email.as_str().to_owned();
        let made = Invitation { id: new_id(), email, role, invited_by: user, created_at: now, expires_at };
        invitation::insert(&mut tx, &made, &Opaque::of_mail(&state.keys, mail).hash(), email_hash).await?;
        let entry = Entry::new("invitation.created", format!("invitation:{}", made.id));
        audit::note(&mut tx, caller, entry.change(Value::Null, json_role(role))).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Takes an invitation back.
    async fn revoke(&self, tx: &mut TenantTx, caller: &Caller, id: Uuid) -> Result<(), Error> {
        invitation::end(tx, id, self.state.clock.now()).await?;
        audit::note(tx, caller, Entry::new("invitation.revoked", format!("invitation:{id}"))).await
    }

    /// Takes those invitations of a member back that they may not give any more, as what they are now; all when they are out.
    async fn revoke_those_of(
        &self,
        tx: &mut TenantTx,
        caller: &Caller,
        inviter: UserId,
        now: Option<Role>,
    ) -> Result<(), Error> {
        let theirs = invitation::list(tx).await?.into_iter().filter(|one| one.invited_by == inviter);
        for one in theirs.filter(|one| now.is_none_or(|now| !may_give(now, one.role))) {
            self.revoke(tx, caller, one.id).await?;
        }
        Ok(())
    }

    /// Which invitation of which business a link's token belongs to.
    async fn invited(&self, token: &str) -> Result<(TenantId, Uuid), Error> {
        let token = Opaque::parse(token).ok_or_else(link_invalid)?;
        let mut tx = self.state.db.system().await?;
        let found = invitation::of_token(&mut tx, &token.hash(), self.state.clock.now()).await?;
        tx.commit().await?;
        found.ok_or_else(link_invalid)
    }

    async fn join(&self, caller: &Caller, request: &pb::AcceptInvitationRequest) -> Result<pb::Session, Error> {
        let state = &self.state;
        let mut invalid = Invalid::default();
        let password = invalid.check("password", Password::chosen(&request.password, SHORTEST));
        let name = invalid.check("name", model::text(&request.name, User::NAME));
        let (password, name) = invalid.into_result(password.zip(name))?;
        let (tenant, id) = self.invited(&request.token).await?;
        let caller = &caller.acting_for(tenant)?;
        // Only whoever holds a link makes us hash; it is judged again where it is spent.
        let password_hash = &state.hasher.hash(password).await?;

        let now = state.clock.now();
        let mut tx = state.db.begin(caller).await?;
        team::hold(&mut tx).await?;
        let (found, _) = offer(&mut tx, id).await?;
        status::needs_work(&mut tx).await?;
        // The address is the one that the mail went to: whoever reads it has proved that it is theirs.
        let email = &Email::parse(&found.email).map_err(|(code, _)| Error::internal(code))?;
        let (user, email_hash) = (UserId(new_id()), &state.keys.email_hash(email.as_str()));
        let member = NewUser { id: user, email, name: &name, email_hash, password_hash };
        if !account::insert_member(&mut tx, &member, found.role, MOST_MEMBERS, now).await? {
            return Err(too_many_members());
        }
        invitation::end(&mut tx, id, now).await?;
        let issued = sessions::start(tx.conn(), user, Some(tenant), now).await?;
        session::describe(&mut tx, &issued.session, &model::user_agent(&request.user_agent), now).await?;
        let (person, _) = account::member(&mut tx, user).await?.ok_or(Error::NotFound("user"))?;
        let entry = Entry::new("invitation.accepted", format!("invitation:{id}")).by_member(user);
        audit::note(&mut tx, caller, entry.change(Value::Null, json_role(found.role))).await?;
        tx.commit().await?;
        Ok(encode_session(person, &issued))
    }
}

/// An open invitation with whoever invited, who must still be somebody who may.
async fn offer(tx: &mut TenantTx, id: Uuid) -> Result<(Invitation, User), Error> {
    let found = invitation::hold(tx, id).await?.ok_or_else(link_invalid)?;
    let (inviter, _) = account::member(tx, found.invited_by).await?.ok_or_else(link_invalid)?;
    match inviter.standing {
        Standing::Member { role, .. } if may_give(role, found.role) => Ok((found, inviter)),
        _ => Err(link_invalid()),
    }
}

/// What was done too often in a day that began with the `first` time.
fn invited_too_often(first: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Error {
    let retry_after = first.and_then(|first| (first + DAY - now).to_std().ok());
    Error::Exhausted { code: "invited_too_often", retry_after }
}

/// In which language a mail is to be: Vietnamese unless English is named.
pub(super) const fn language(wish: pb::MailLanguage) -> Language {
    match wish {
        pb::MailLanguage::En => Language::En,
        pb::MailLanguage::Vi | pb::MailLanguage::Unspecified => Language::Vi,
    }
}

fn json_role(role: Role) -> Value {
    json!({ "role": role.as_str() })
}

fn encode(invitation: Invitation, now: DateTime<Utc>) -> pb::Invitation {
    let state = if invitation.is_open(now) { pb::InvitationState::Open } else { pb::InvitationState::Expired };
    pb::Invitation {
        state: state.into(),
        id: invitation.id.to_string(),
        email: invitation.email,
        member_role: encode_role(invitation.role).into(),
        invited_by: invitation.invited_by.to_string(),
        created_at: Some(wire::timestamp(invitation.created_at)),
        expires_at: Some(wire::timestamp(invitation.expires_at)),
    }
}
