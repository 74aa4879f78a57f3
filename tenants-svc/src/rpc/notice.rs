//! What the people of a business should know of it right now.

use chatdesk_platform::{Error, grpc};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::notice_service_server::NoticeService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::wire;
use crate::Service;
use crate::store::{session, status, visit};

/// The most visits at once that are told.
const MOST_VISITS: i64 = 10;

#[tonic::async_trait]
impl NoticeService for Service {
    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let tenant = wire::tenant(&caller)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let standing = status::standing(tx.conn(), tenant).await?.ok_or(Error::NotFound("business"))?;
        let now = self.state.clock.now();
        let mut visits = visit::list(&mut tx, Some(now), MOST_VISITS).await?;
        tx.commit().await?;
        let hosts: Vec<Uuid> = visits.iter().filter_map(|visit| visit.session_id).collect();
        if !hosts.is_empty() {
            let mut tx = self.state.db.system().await?;
            let live = session::live_of_admins(&mut tx, &hosts, now).await?;
            tx.commit().await?;
            visits.retain(|visit| visit.session_id.is_none_or(|host| live.contains(&host)));
        }
        let of_state = match standing.state.as_str() {
            "suspended" => Some((pb::NoticeKind::Suspended, standing.reason)),
            "deleting" => Some((pb::NoticeKind::Deletion, String::new())),
            _ => None,
        };
        let mut items: Vec<pb::Notice> = Vec::new();
        items.extend(of_state.map(|(kind, reason)| pb::Notice {
            kind: kind.into(),
            reason,
            since: Some(wire::timestamp(standing.changed_at)),
            until: standing.delete_after.map(wire::timestamp),
        }));
        items.extend(visits.into_iter().rev().map(|visit| pb::Notice {
            kind: pb::NoticeKind::Visit.into(),
            reason: visit.reason,
            since: Some(wire::timestamp(visit.started_at)),
            until: Some(wire::timestamp(visit.ends_at)),
        }));
        Ok(Response::new(pb::ListNoticesResponse { items }))
    }
}
