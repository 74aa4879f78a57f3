//! Who did what, shown page by page.

use std::collections::HashMap;

use chatdesk_platform::{Caller, Error, Invalid, TenantId, grpc, page};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::audit_service_server::AuditService;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::wire;
use crate::Service;
use crate::audit::{self as audit_log, Entry, Link};
use crate::model::{self, shown_name};
use crate::store::audit::{self, Range};

/// The longest beginning of an action that can be asked for.
const ACTION: usize = 64;
/// The longest account of what was refused, in characters.
const WHAT: usize = 200;

#[tonic::async_trait]
impl AuditService for Service {
    async fn list_audit(
        &self,
        request: Request<pb::ListAuditRequest>,
    ) -> Result<Response<pb::ListAuditResponse>, Status> {
        let caller = grpc::caller(&request)?;
        if !request.get_ref().tenant_id.is_empty() {
            return Err(Error::invalid("tenant_id", "exclusive", "is for platform admins").into());
        }
        Ok(Response::new(self.audit_of(&caller, request.get_ref(), false).await?))
    }

    async fn list_admin_audit(
        &self,
        request: Request<pb::ListAuditRequest>,
    ) -> Result<Response<pb::ListAuditResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.get_ref();
        let shown = if request.tenant_id.is_empty() {
            self.audit_of_installation(request).await?
        } else {
            let tenant = TenantId(wire::id(&request.tenant_id, "tenant")?);
            self.audit_of(&caller.visiting(tenant)?, request, true).await?
        };
        Ok(Response::new(shown))
    }

    async fn note_refusal(
        &self,
        request: Request<pb::NoteRefusalRequest>,
    ) -> Result<Response<pb::NoteRefusalResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let what = model::needed_text(&request.get_ref().what, WHAT)
            .map_err(|(code, detail)| Error::invalid("what", code, detail))?;
        // Trying the same on many things is trying the same many times.
        let kind = what.split('/').filter(|part| part.parse::<Uuid>().is_err()).collect::<Vec<_>>().join("/");
        let counted = format!("{:?} {kind}", caller.identity());
        let Some(times) = self.state.refusals.count(counted, self.state.clock.now()) else {
            return Ok(Response::new(pb::NoteRefusalResponse {}));
        };
        let mut tx = self.state.db.begin(&caller).await?;
        let entry = Entry::new("visit.refused", format!("tenant:{}", tx.tenant()));
        let after = json!({"what": what, "times_this_hour": times});
        audit_log::note(&mut tx, &caller, entry.change(Value::Null, after)).await?;
        tx.commit().await?;
        Ok(Response::new(pb::NoteRefusalResponse {}))
    }
}

impl Service {
    async fn audit_of(
        &self,
        caller: &Caller,
        request: &pb::ListAuditRequest,
        for_admins: bool,
    ) -> Result<pb::ListAuditResponse, Error> {
        let (range, limit) = range(request)?;
        // What admins are shown outlasts the business.
        let db = &self.state.db;
        let mut tx = if for_admins { db.begin_even_deleted(caller).await? } else { db.begin(caller).await? };
        let links = audit::page(&mut tx, &range).await?;
        let names = audit::names(&mut tx, &actors(&links)).await?;
        let admins = if for_admins { audit::admin_names(tx.conn(), &actors(&links)).await? } else { HashMap::new() };
        tx.commit().await?;
        Ok(shown(links, limit, |actor| {
            let member = names.get(actor).map(|(name, email)| shown_name(name.clone(), email));
            member.or_else(|| admins.get(actor).cloned())
        }))
    }

    async fn audit_of_installation(&self, request: &pb::ListAuditRequest) -> Result<pb::ListAuditResponse, Error> {
        let (range, limit) = range(request)?;
        let mut tx = self.state.db.system().await?;
        let links = audit::page_of_installation(&mut tx, &range).await?;
        let admins = audit::admin_names(tx.conn(), &actors(&links)).await?;
        tx.commit().await?;
        Ok(shown(links, limit, |actor| admins.get(actor).cloned()))
    }
}

/// What is asked for, with one more row than is shown.
fn range(request: &pb::ListAuditRequest) -> Result<(Range<'_>, usize), Error> {
    let mut invalid = Invalid::default();
    let action =
        (request.action.chars().count() <= ACTION && !request.action.contains('\0')).then_some(&*request.action);
    if action.is_none() {
        invalid.add("action", "too_long", "has more characters than any action");
    }
    if action.is_some_and(|begin| !audit_log::ACTIONS.iter().any(|known| known.starts_with(begin))) {
        invalid.add("action", "unknown_value", "is not how any action begins");
    }
    let (from, to) = (moment(request.from.as_ref()), moment(request.to.as_ref()));
    invalid.finish()?;
    let (after, limit) = wire::page(&request.cursor, request.limit)?;
    let below = after.map_or(Some(i64::MAX), |id| i64::try_from(id.as_u128()).ok());
    let below = below.ok_or_else(|| Error::invalid("cursor", "malformed", "is not a cursor that this list gave"))?;
    let rows = i64::try_from(limit).map_err(Error::internal)? + 1;
    Ok((Range { below, action: action.unwrap_or_default(), from, to, limit: rows }, limit))
}

fn moment(stamp: Option<&Timestamp>) -> Option<DateTime<Utc>> {
    let stamp = stamp?;
    DateTime::from_timestamp(stamp.seconds, u32::try_from(stamp.nanos).ok()?)
}

/// The people among the actors.
fn actors(links: &[Link]) -> Vec<Uuid> {
    let mut all: Vec<Uuid> = links.iter().filter_map(|link| link.record.actor.parse().ok()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn shown(mut links: Vec<Link>, limit: usize, name: impl Fn(&str) -> Option<String>) -> pb::ListAuditResponse {
    let more = links.len() > limit;
    links.truncate(limit);
    let number = |n: i64| u128::from(n.unsigned_abs());
    let next = links.last().filter(|_| more).map(|last| page::cursor(Uuid::from_u128(number(last.record.n))));
    let items = links.into_iter().map(|link| {
        let Link { record, prev_hash, hash } = link;
        pb::AuditRecord {
            n: record.n.unsigned_abs(),
            at: Some(wire::timestamp(record.at)),
            actor_kind: kind(&record.actor_kind).into(),
            actor_name: name(&record.actor).unwrap_or_default(),
            actor: record.actor,
            acting_as: record.acting_as,
            action: record.action,
            object: record.object,
            before: record.before,
            after: record.after,
            address: record.address,
            prev_hash: hex::encode(prev_hash),
            hash: hex::encode(hash),
        }
    });
    pb::ListAuditResponse { items: items.collect(), next_cursor: next.unwrap_or_default() }
}

fn kind(stored: &str) -> pb::ActorKind {
    match stored {
        "member" => pb::ActorKind::Member,
        "admin" => pb::ActorKind::Admin,
        "service" => pb::ActorKind::Service,
        _ => pb::ActorKind::Nobody,
    }
}
