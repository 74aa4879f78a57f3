//! The tenant's budget of language model tokens.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::usage_service_server::UsageService;
use chrono::{DateTime, Days, NaiveTime, Utc};
use tonic::{Request, Response, Status};

use super::wire;
use crate::Service;
use crate::model;
use crate::store::directory;
use crate::store::usage::{self, Used};

/// Percent of the budget from which on it is said to run low.
const LOW: i64 = 80;
/// The longest name of a model, in characters.
const MODEL: usize = 200;

#[tonic::async_trait]
impl UsageService for Service {
    async fn reserve_tokens(
        &self,
        request: Request<pb::ReserveTokensRequest>,
    ) -> Result<Response<pb::Reservation>, Status> {
        let caller = grpc::caller(&request)?;
        let tokens = request.into_inner().tokens;
        if tokens == 0 {
            return Err(Error::invalid("tokens", "out_of_range", "is at least 1").into());
        }
        let (id, now) = (new_id(), self.state.clock.now());
        let mut tx = self.state.db.begin(&caller).await?;
        let budget = self.budget(&mut tx).await?;
        let Some(taken) = usage::reserve(&mut tx, id, now.date_naive(), tokens.into(), budget).await? else {
            return Err(Error::Exhausted { code: "token_budget_spent", retry_after: until_tomorrow(now) }.into());
        };
        tx.commit().await?;
        if is_low(taken, budget) && !is_low(taken - i64::from(tokens), budget) {
            tracing::warn!(taken, budget, "most of the day's tokens are taken");
        }
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        Ok(Response::new(pb::Reservation {
            id: id.to_string(),
            budget: count(budget),
            taken: count(taken),
            low: is_low(taken, budget),
        }))
    }

    async fn settle_tokens(
        &self,
        request: Request<pb::SettleTokensRequest>,
    ) -> Result<Response<pb::SettleTokensResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let id = wire::id(&request.reservation_id, "reservation")?;
        let model =
            model::text(&request.model, MODEL).map_err(|(code, detail)| Error::invalid("model", code, detail))?;
        let used = Used { model, prompt: request.prompt_tokens, completion: request.completion_tokens };
        let mut tx = self.state.db.begin(&caller).await?;
        if !usage::settle(&mut tx, id, &used, self.state.clock.now()).await? {
            return Err(Error::NotFound("reservation").into());
        }
        tx.commit().await?;
        Ok(Response::new(pb::SettleTokensResponse {}))
    }
}

impl Service {
    /// Tokens that the transaction's tenant may use in a UTC day.
    pub(super) async fn budget(&self, tx: &mut TenantTx) -> Result<i64, Error> {
        let tenant = tx.tenant();
        Ok(directory::allowed(tx.conn(), tenant).await?.tokens_per_day(self.state.daily_token_budget))
    }
}

/// Whether most of the day's tokens are taken.
pub(super) fn is_low(taken: i64, budget: i64) -> bool {
    taken.saturating_mul(100) >= budget.saturating_mul(LOW)
}

/// The budget is a UTC day's.
fn until_tomorrow(now: DateTime<Utc>) -> Option<std::time::Duration> {
    let tomorrow = now.date_naive().checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN).and_utc();
    (tomorrow - now).to_std().ok()
}
