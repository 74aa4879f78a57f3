//! What platform admins see of tenants and do to them. What they do is noted in the tenant's chain and in the installation's.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, TenantId, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::admin_service_server::AdminService;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};

use super::{directory, wire};
use crate::Service;
use crate::audit::{self, Entry};
use crate::letter::Letter;
use crate::model;
use crate::store::visit::{self, Visit};
use crate::store::{directory as store, status};

/// The longest reason, in characters.
const REASON: usize = 500;
/// How long an admin may look at a tenant. It is not renewed: whoever needs longer says why again.
const VISIT: TimeDelta = TimeDelta::minutes(15);
/// The highest cap, in tokens of a day.
const MOST_TOKENS: u64 = 1_000_000_000_000;
/// The most pieces of work in one note, and the longest name of one, in bytes.
const MOST_WORK: (usize, usize) = (200, 200);

#[tonic::async_trait]
impl AdminService for Service {
    async fn suspend_tenant(
        &self,
        request: Request<pb::SuspendTenantRequest>,
    ) -> Result<Response<pb::TenantStatus>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let reason = reason(&request.reason)?;
        Ok(Response::new(self.set_standing(&caller, &request.tenant_id, Some(&reason)).await?))
    }

    async fn resume_tenant(
        &self,
        request: Request<pb::ResumeTenantRequest>,
    ) -> Result<Response<pb::TenantStatus>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.set_standing(&caller, &request.into_inner().tenant_id, None).await?))
    }

    async fn list_tenants(
        &self,
        request: Request<pb::ListTenantsRequest>,
    ) -> Result<Response<pb::ListTenantsResponse>, Status> {
        Ok(Response::new(self.listed(request.get_ref()).await?))
    }

    async fn get_tenant(&self, request: Request<pb::GetTenantRequest>) -> Result<Response<pb::TenantDetail>, Status> {
        let caller = grpc::caller(&request)?;
        let tenant = TenantId(wire::id(&request.into_inner().tenant_id, "tenant")?);
        Ok(Response::new(self.detail(&caller, tenant).await?))
    }

    async fn set_cap(&self, request: Request<pb::SetCapRequest>) -> Result<Response<pb::Tenant>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let (mut tx, tenant) = self.inside(&caller, &request.tenant_id).await?;
        let before = store::allowed(tx.conn(), tenant).await?;
        let mut after = before;
        if let Some(plan) = directory::plan(request.plan)? {
            after.plan = plan;
        }
        if request.tokens_per_day.is_some_and(|tokens| tokens > MOST_TOKENS) {
            return Err(Error::invalid("tokens_per_day", "out_of_range", format!("is at most {MOST_TOKENS}")).into());
        }
        if let Some(tokens) = request.tokens_per_day {
            after.cap = i64::try_from(tokens).ok();
        } else if request.lifts_cap {
            after.cap = None;
        }
        if !store::allow(tx.conn(), tenant, after).await? {
            return Err(Error::NotFound("tenant").into());
        }
        if after != before {
            let shown = |one: crate::plan::Allowance| json!({"plan": one.plan.as_str(), "tokens_per_day": one.cap});
            let entry = Entry::new("tenant.capped", object(tenant)).change(shown(before), shown(after));
            audit::note_both(&mut tx, &caller, entry).await?;
        }
        tx.commit().await?;
        Ok(Response::new(self.one(tenant).await?))
    }

    async fn list_channel_health(
        &self,
        request: Request<pb::ListChannelHealthRequest>,
    ) -> Result<Response<pb::ListChannelHealthResponse>, Status> {
        Ok(Response::new(self.channel_health(request.get_ref()).await?))
    }

    async fn list_usage(
        &self,
        request: Request<pb::ListUsageRequest>,
    ) -> Result<Response<pb::ListUsageResponse>, Status> {
        Ok(Response::new(self.used(request.get_ref()).await?))
    }

    async fn enter_tenant(&self, request: Request<pb::EnterTenantRequest>) -> Result<Response<pb::Visit>, Status> {
        let caller = grpc::caller(&request)?;
        let admin = wire::user(&caller)?;
        let request = request.into_inner();
        let reason = reason(&request.reason)?;
        let (mut tx, tenant) = self.inside(&caller, &request.tenant_id).await?;
        let now = self.state.clock.now();
        let host = Some(request.session_id.as_str()).filter(|id| !id.is_empty());
        let session_id = host.map(|id| wire::id(id, "session")).transpose()?;
        let visit =
            Visit { id: new_id(), admin_id: admin.0, reason, started_at: now, ends_at: now + VISIT, session_id };
        let (reason, minutes) = (visit.reason.clone(), VISIT.num_minutes());
        let name = self.tell_owners(&mut tx, |business| Letter::Visit { business, reason, minutes }).await?;
        visit::insert(&mut tx, &visit).await?;
        let entry = Entry::new("tenant.entered", object(tenant))
            .change(Value::Null, json!({"visit": visit.id, "reason": visit.reason, "minutes": VISIT.num_minutes()}));
        audit::note_both(&mut tx, &caller, entry).await?;
        tx.commit().await?;
        tracing::info!(admin = %admin, %tenant, "a platform admin looks at a business");
        Ok(Response::new(directory::encode_visit(visit, tenant, &name, None)))
    }

    async fn note_work(&self, request: Request<pb::NoteWorkRequest>) -> Result<Response<pb::NoteWorkResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let (most, longest) = MOST_WORK;
        let is_short = |id: &String| !id.is_empty() && id.len() <= longest && !id.chars().any(char::is_control);
        if !(1..=most).contains(&request.ids.len()) || !request.ids.iter().all(is_short) || request.service.len() > 20 {
            return Err(Error::invalid("ids", "out_of_range", format!("takes 1 to {most} ids")).into());
        }
        let action = if request.discards { "work.discarded" } else { "work.retried" };
        let mut tx = self.state.db.system().await?;
        // Few enough to fit into one record each time.
        for ids in request.ids.chunks(20) {
            let entry =
                Entry::new(action, format!("service:{}", request.service)).change(Value::Null, json!({"ids": ids}));
            audit::note_installation(&mut tx, &caller, entry).await?;
        }
        tx.commit().await?;
        Ok(Response::new(pb::NoteWorkResponse {}))
    }
}

impl Service {
    /// A transaction on the rows of the tenant that an admin means.
    async fn inside(&self, caller: &Caller, tenant: &str) -> Result<(TenantTx, TenantId), Error> {
        let tenant = TenantId(wire::id(tenant, "tenant")?);
        Ok((self.state.db.begin(&caller.visiting(tenant)?).await?, tenant))
    }

    /// Suspends with a reason, or resumes without one.
    async fn set_standing(
        &self,
        caller: &Caller,
        tenant: &str,
        suspend: Option<&str>,
    ) -> Result<pb::TenantStatus, Error> {
        let by = wire::user(caller)?;
        let (mut tx, tenant) = self.inside(caller, tenant).await?;
        let before = status::standing(tx.conn(), tenant).await?.ok_or(Error::NotFound("tenant"))?;
        let status = status::set(tx.conn(), tenant, suspend, by, self.state.clock.now()).await?;
        // Whoever may work has none. While a business waits for its deletion, nothing changes for its people by this.
        if before.reason != status.reason && status.state != "deleting" {
            let reason = suspend.map(str::to_owned);
            self.tell_owners(&mut tx, |business| match reason {
                Some(reason) => Letter::Suspended { business, reason },
                None => Letter::Resumed { business },
            })
            .await?;
        }
        let (action, after) = match suspend {
            Some(reason) => ("tenant.suspended", json!({"reason": reason})),
            None => ("tenant.resumed", Value::Null),
        };
        audit::note_both(&mut tx, caller, Entry::new(action, object(tenant)).change(Value::Null, after)).await?;
        tx.commit().await?;
        Ok(directory::encode_status(tenant, &status.state, status.reason, status.changed_at))
    }
}

fn reason(text: &str) -> Result<String, Error> {
    model::needed_text(text, REASON).map_err(|(code, detail)| Error::invalid("reason", code, detail))
}

fn object(tenant: TenantId) -> String {
    format!("tenant:{tenant}")
}
