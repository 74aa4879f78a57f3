//! Adding a person with a password, without a mail, and how people are told of.

use chatdesk_platform::{Caller, Error, Invalid, Role, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use serde_json::{Value, json};

use super::account::{SHORTEST, encode_role};
use super::wire;
use crate::Service;
use crate::audit::{self, Entry};
use crate::model::{self, Email, Member, Password, Refused, User, shown_name};
use crate::store::account::{self, NewUser};

/// The most people of one business: a list of all of them is one answer.
pub(super) const MOST_MEMBERS: i64 = 500;

impl Service {
    /// Adds a person to the caller's business.
    pub(super) async fn add(&self, caller: &Caller, request: &pb::AddMemberRequest) -> Result<Member, Error> {
        let state = &self.state;
        self.needs_live_session(caller, &request.session_id).await?;
        let (email, password, role, name) = new_member(request)?;
        let (id, email_hash) = (UserId(new_id()), &state.keys.email_hash(email.as_str()));
        // A password is dear to hash, so it is not hashed for somebody who cannot be added; all is judged again afterwards.
        let (mut tx, _, own) = self.acting(caller, &request.session_id).await?;
        may_add(own, role)?;
        if !account::has_room(&mut tx, MOST_MEMBERS).await? {
            return Err(too_many_members());
        }
        if account::is_in_use(tx.conn(), email_hash).await? {
            return Err(account::in_use("email_in_use"));
        }
        tx.commit().await?;
        let password_hash = &state.hasher.hash(password).await?;
        let (mut tx, _, own) = self.acting(caller, &request.session_id).await?;
        may_add(own, role)?;
        let now = state.clock.now();
        let member = NewUser { id, email: &email, name: &name, email_hash, password_hash };
        if !account::insert_member(&mut tx, &member, role, MOST_MEMBERS, now).await? {
            return Err(too_many_members());
        }
        let entry =
            Entry::new("member.added", format!("user:{id}")).change(Value::Null, json!({ "role": role.as_str() }));
        audit::note(&mut tx, caller, entry).await?;
        tx.commit().await?;
        let (name, email) = (shown_name(name, email.as_str()), email.as_str().to_owned());
        Ok(Member { id, email, name, role, created_at: now, has_totp: false })
    }
}

/// Owners add managers, whoever is below an owner only agents and viewers: the password is somebody else's choice.
fn may_add(own: Role, role: Role) -> Result<(), Error> {
    if role >= Role::Manager && own < Role::Owner { Err(Error::Forbidden) } else { Ok(()) }
}

pub(super) fn too_many_members() -> Error {
    let detail = format!("A business has at most {MOST_MEMBERS} people.");
    Error::Precondition { code: "too_many_members", detail }
}

fn new_member(request: &pb::AddMemberRequest) -> Result<(Email, Password, Role, String), Error> {
    let mut invalid = Invalid::default();
    let email = invalid.check("email", Email::parse(&request.email));
    let password = invalid.check("password", Password::chosen(&request.password, SHORTEST));
    let role = match request.member_role() {
        pb::MemberRole::Owner | pb::MemberRole::Unspecified => {
            Err(("unknown_value", "must be manager, agent or viewer".to_owned()))
        }
        role => needed_role(role),
    };
    let role = invalid.check("member_role", role);
    let name = invalid.check("name", model::text(&request.name, User::NAME));
    let ((email, password), (role, name)) = invalid.into_result(email.zip(password).zip(role.zip(name)))?;
    Ok((email, password, role, name))
}

/// A role that a request must name.
pub(super) fn needed_role(role: pb::MemberRole) -> Result<Role, Refused> {
    match role {
        pb::MemberRole::Owner => Ok(Role::Owner),
        pb::MemberRole::Manager => Ok(Role::Manager),
        pb::MemberRole::Agent => Ok(Role::Agent),
        pb::MemberRole::Viewer => Ok(Role::Viewer),
        pb::MemberRole::Unspecified => Err(("required", "is needed".to_owned())),
    }
}

/// A person as colleagues see them.
pub(super) fn encode_member(member: Member) -> pb::Member {
    pb::Member {
        id: member.id.to_string(),
        email: member.email,
        name: member.name,
        member_role: encode_role(member.role).into(),
        created_at: Some(wire::timestamp(member.created_at)),
        has_totp: member.has_totp,
    }
}
