//! A tenant's data taken along, the tenant deleted after a hold, and one contact forgotten.

use std::time::Duration;

use chatdesk_platform::db::{DueItem, export, schedule, unschedule};
use chatdesk_platform::{Caller, Error, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::privacy_service_server::PrivacyService;
use chrono::TimeDelta;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};

use super::wire;
use crate::Service;
use crate::audit::{self, Entry};
use crate::letter::Letter;
use crate::model::Password;
use crate::store::privacy::{self, TenantDeletion};
use crate::store::{account, settings, status};
use crate::work::leave::{EXPORTS, TenantsShare, closing, forget_contact};

/// How long an export can be fetched.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// The most of one tenant that can be fetched at once.
const MOST_EXPORTS: usize = 3;
/// How long a deletion is held.
const HOLD: TimeDelta = TimeDelta::days(30);

#[tonic::async_trait]
impl PrivacyService for Service {
    async fn start_export(&self, request: Request<pb::StartExportRequest>) -> Result<Response<pb::Export>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.begin_export(&caller).await?))
    }

    async fn list_exports(
        &self,
        request: Request<pb::ListExportsRequest>,
    ) -> Result<Response<pb::ListExportsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let exports = privacy::exports(&mut tx, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::ListExportsResponse { items: exports.iter().map(encode).collect() }))
    }

    async fn get_export(&self, request: Request<pb::GetExportRequest>) -> Result<Response<pb::Export>, Status> {
        let caller = grpc::caller(&request)?;
        let id = wire::id(&request.get_ref().id, "export")?;
        let mut tx = self.state.db.begin(&caller).await?;
        let exports = privacy::exports(&mut tx, self.state.clock.now()).await?;
        tx.commit().await?;
        let found = exports.iter().find(|export| export.id == id).ok_or(Error::NotFound("export"))?;
        Ok(Response::new(encode(found)))
    }

    type ReadExportStream = BoxStream<'static, Result<pb::ReadExportResponse, Status>>;

    async fn read_export(
        &self,
        request: Request<pb::ReadExportRequest>,
    ) -> Result<Response<Self::ReadExportStream>, Status> {
        let caller = grpc::caller(&request)?;
        let id = wire::id(&request.get_ref().id, "export")?;
        let state = &self.state;
        let around = (state.db.clone(), state.clock.clone(), state.shutdown.clone());
        let parts = export::read::<TenantsShare>(around, caller, id).await?;
        let mut tx = state.db.begin(&caller).await?;
        audit::note(&mut tx, &caller, Entry::new("export.fetched", format!("export:{id}"))).await?;
        tx.commit().await?;
        let told = futures::stream::unfold(parts, |mut parts| async move {
            let part = parts.recv().await?;
            let told = part.map(|part| pb::ReadExportResponse { file: part.file, lines: part.lines });
            Some((told.map_err(Status::from), parts))
        });
        Ok(Response::new(told.boxed()))
    }

    async fn get_tenant_deletion(
        &self,
        request: Request<pb::GetTenantDeletionRequest>,
    ) -> Result<Response<pb::TenantDeletion>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let deletion = privacy::deletion(&mut tx).await?;
        tx.commit().await?;
        Ok(Response::new(encode_deletion(deletion)))
    }

    async fn request_tenant_deletion(
        &self,
        request: Request<pb::RequestTenantDeletionRequest>,
    ) -> Result<Response<pb::TenantDeletion>, Status> {
        let caller = grpc::caller(&request)?;
        let requested_by = wire::user(&caller)?.0;
        let password = Password::given(&request.get_ref().password)
            .map_err(|(code, detail)| Error::invalid("password", code, detail))?;
        let by = self.reprove(&caller, "password", password).await?.user.name;
        let requested_at = self.state.clock.now();
        let asked = TenantDeletion { delete_after: requested_at + HOLD, requested_at, requested_by };
        let mut tx = self.state.db.begin(&caller).await?;
        let work = closing(tx.tenant());
        if privacy::request_deletion(&mut tx, asked).await? {
            schedule(tx.conn(), work, asked.delete_after).await?;
            let at = settings::local_time(&mut tx, asked.delete_after).await?;
            self.tell_owners(&mut tx, |business| Letter::DeletionRequested { business, by, at }).await?;
            let after = json!({"delete_after": asked.delete_after});
            let entry = Entry::new("deletion.requested", format!("tenant:{}", tx.tenant()));
            audit::note(&mut tx, &caller, entry.change(Value::Null, after)).await?;
        }
        let deletion = privacy::deletion(&mut tx).await?;
        tx.commit().await?;
        Ok(Response::new(encode_deletion(deletion)))
    }

    async fn cancel_tenant_deletion(
        &self,
        request: Request<pb::CancelTenantDeletionRequest>,
    ) -> Result<Response<pb::TenantDeletion>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let work = closing(tx.tenant());
        if privacy::cancel_deletion(&mut tx, self.state.clock.now()).await? {
            unschedule(tx.conn(), work).await?;
            let (taken_back_by, _) =
                account::member(&mut tx, wire::user(&caller)?).await?.ok_or(Error::Unauthenticated)?;
            let by = taken_back_by.name;
            self.tell_owners(&mut tx, |business| Letter::DeletionTakenBack { business, by }).await?;
            // It comes back as an admin left it.
            let tenant = tx.tenant();
            let standing = status::standing(tx.conn(), tenant).await?;
            if let Some(suspended) = standing.filter(|standing| standing.state == "suspended") {
                let reason = suspended.reason;
                self.tell_owners(&mut tx, |business| Letter::Suspended { business, reason }).await?;
            }
            let entry = Entry::new("deletion.cancelled", format!("tenant:{}", tx.tenant()));
            audit::note(&mut tx, &caller, entry).await?;
        } else if privacy::deletion(&mut tx).await?.is_some() {
            // It has begun since this did: the business has no members any more.
            return Err(Error::Forbidden.into());
        }
        tx.commit().await?;
        Ok(Response::new(encode_deletion(None)))
    }

    async fn erase_contact(
        &self,
        request: Request<pb::EraseContactRequest>,
    ) -> Result<Response<pb::EraseContactResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let contact = wire::id(&request.get_ref().contact_id, "contact")?;
        let mut tx = self.state.db.begin(&caller).await?;
        forget_contact(&mut tx, &caller, contact, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::EraseContactResponse {}))
    }
}

impl Service {
    async fn begin_export(&self, caller: &Caller) -> Result<pb::Export, Error> {
        let (id, by, now) = (new_id(), wire::user(caller)?, self.state.clock.now());
        let mut tx = self.state.db.begin(caller).await?;
        privacy::hold(&mut tx).await?;
        let mut kept = privacy::exports(&mut tx, now).await?;
        // What nobody can fetch stands in nobody's way.
        kept.retain(|export| !export.is_failed && !export.is_withdrawn);
        if kept.iter().any(|export| export.is_running) {
            let detail = "Another export is being written.".to_owned();
            return Err(Error::Conflict { code: "export_running", detail });
        }
        if kept.len() >= MOST_EXPORTS {
            let first = kept.iter().map(|export| export.expires_at).min().unwrap_or(now);
            let retry_after = Some((first - now).to_std().unwrap_or(Duration::ZERO));
            return Err(Error::Exhausted { code: "too_many_exports_kept", retry_after });
        }
        let services = EXPORTS.map(|(service, _)| service.as_str().to_owned());
        privacy::add_export(&mut tx, id, by, (now, now + KEPT), &services).await?;
        for (_, kind) in EXPORTS {
            let work = DueItem { kind, tenant: Some(tx.tenant()), entity: id };
            schedule(tx.conn(), work, now).await?;
        }
        let exports = privacy::exports(&mut tx, now).await?;
        audit::note(&mut tx, caller, Entry::new("export.requested", format!("export:{id}"))).await?;
        tx.commit().await?;
        let made = exports.iter().find(|export| export.id == id);
        made.map(encode).ok_or_else(|| Error::internal("an export is gone that was just begun"))
    }
}

fn encode(export: &privacy::Export) -> pb::Export {
    let state = match (export.is_withdrawn, export.is_failed, export.is_running) {
        (true, _, _) => pb::ExportState::Withdrawn,
        (_, true, _) => pb::ExportState::Failed,
        (_, _, true) => pb::ExportState::Running,
        (false, false, false) => pb::ExportState::Ready,
    };
    pb::Export {
        id: export.id.to_string(),
        state: state.into(),
        requested_by: export.requested_by.to_string(),
        requested_at: Some(wire::timestamp(export.requested_at)),
        expires_at: Some(wire::timestamp(export.expires_at)),
        lines: export.lines,
        size: export.size,
    }
}

fn encode_deletion(deletion: Option<TenantDeletion>) -> pb::TenantDeletion {
    deletion.map_or_else(pb::TenantDeletion::default, |deletion| pb::TenantDeletion {
        delete_after: Some(wire::timestamp(deletion.delete_after)),
        requested_at: Some(wire::timestamp(deletion.requested_at)),
        requested_by: deletion.requested_by.to_string(),
    })
}
