//! What this service asks of others: the catalogue's rows and the business's settings and budget, as this service for one tenant.

use crate::model::{Business, Product, Variant, flat_pairs};
use chatdesk_platform::grpc::{Client, Peer};
use chatdesk_platform::{Error, Identity, Problem, ServiceName, TenantId};
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::search_service_client::SearchServiceClient;
use chatdesk_proto::catalog::v1::{
    self as catalog, GetProductsRequest, ProductStatus, ScoredProduct, SearchRequest, SearchResponse,
};
use chatdesk_proto::tenants::v1::settings_service_client::SettingsServiceClient;
use chatdesk_proto::tenants::v1::usage_service_client::UsageServiceClient;
use chatdesk_proto::tenants::v1::{GetAssistantSettingsRequest, ReserveTokensRequest, SettleTokensRequest};
use std::time::Duration;
use tonic::{Code, Status};

/// A call to a peer; both answer from memory or one query.
pub const CALL: Duration = Duration::from_secs(4);

/// The code with which tenants-svc says that the day's tokens are used up. It also refuses for other reasons, such as too many calls.
const BUDGET_SPENT: &str = "token_budget_spent";

/// The code with which it says that the business waits for its deletion, and not only for being let go on.
const DELETING: &str = "tenant_deleting";

/// Why no tokens were set aside.
#[derive(Debug, thiserror::Error)]
pub enum NoTokens {
    /// The business has none left for today.
    #[error("the day's tokens are used up")]
    BudgetSpent,
    /// tenants-svc did not answer, or had too much to do.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The peers, seen for one tenant within one request.
#[derive(Clone)]
pub struct Peers {
    pub catalog: Peer,
    pub tenants: Peer,
}

/// Tokens that were set aside.
pub struct Held {
    /// The reservation's id.
    pub id: String,
    /// Whether most of the day's are taken with them.
    pub is_low: bool,
}

/// For whom and within which request a call is made.
#[derive(Debug, Clone)]
pub struct Errand {
    pub tenant: TenantId,
    pub request_id: Option<String>,
}

impl Peers {
    fn client(peer: &Peer, errand: &Errand) -> Result<Client, Error> {
        let identity = Identity::Service { name: ServiceName::Ai, tenant: Some(errand.tenant) };
        peer.client(&identity, CALL, errand.request_id.as_deref()).map_err(|status| failed("a peer", &status))
    }

    /// The closest rows and entries of the catalogue, best first, as the wire has them.
    ///
    /// # Errors
    /// When the catalogue does not answer.
    pub async fn search(&self, errand: &Errand, request: SearchRequest) -> Result<SearchResponse, Error> {
        let mut client = SearchServiceClient::new(Self::client(&self.catalog, errand)?);
        let response = client.search(request).await.map_err(|status| failed("catalog", &status))?;
        Ok(response.into_inner())
    }

    /// The present rows of these products; those that are gone are left out.
    ///
    /// # Errors
    /// When the catalogue does not answer.
    pub async fn products(&self, errand: &Errand, ids: Vec<String>) -> Result<Vec<catalog::Product>, Error> {
        let mut client = ProductServiceClient::new(Self::client(&self.catalog, errand)?);
        let response =
            client.get_products(GetProductsRequest { ids }).await.map_err(|status| failed("catalog", &status))?;
        Ok(response.into_inner().items)
    }

    /// The business and how its assistant speaks.
    ///
    /// # Errors
    /// When tenants-svc does not answer.
    pub async fn business(&self, errand: &Errand) -> Result<Business, Error> {
        let mut client = SettingsServiceClient::new(Self::client(&self.tenants, errand)?);
        let settings = client
            .get_assistant_settings(GetAssistantSettingsRequest {})
            .await
            .map_err(|status| failed("tenants", &status))?
            .into_inner();
        Ok(Business {
            name: settings.business_name,
            description: settings.business_description,
            phone: settings.phone,
            tone: settings.tone,
            policies: settings.policies,
            opening_hours: settings.opening_hours,
            languages: settings.languages,
        })
    }

    /// Sets tokens aside.
    ///
    /// # Errors
    /// [`NoTokens::BudgetSpent`] when the day's budget does not hold them.
    pub async fn reserve(&self, errand: &Errand, tokens: u32) -> Result<Held, NoTokens> {
        let mut client = UsageServiceClient::new(Self::client(&self.tenants, errand)?);
        match client.reserve_tokens(ReserveTokensRequest { tokens }).await {
            Ok(reservation) => {
                let held = reservation.into_inner();
                if held.low {
                    metrics::counter!("chatdesk_ai_budget_low_total").increment(1);
                    tracing::debug!(taken = held.taken, budget = held.budget, "the day's tokens run low");
                }
                Ok(Held { id: held.id, is_low: held.low })
            }
            Err(status) if Problem::from(&status).code == BUDGET_SPENT => Err(NoTokens::BudgetSpent),
            Err(status) => Err(failed("tenants", &status).into()),
        }
    }

    /// Replaces a reservation by what was used.
    ///
    /// # Errors
    /// When tenants-svc does not answer; the reservation then stands as the estimate.
    pub async fn settle(&self, errand: &Errand, request: SettleTokensRequest) -> Result<(), Error> {
        let mut client = UsageServiceClient::new(Self::client(&self.tenants, errand)?);
        client.settle_tokens(request).await.map(|_| ()).map_err(|status| failed("tenants", &status))
    }
}

/// A peer's refusal as our own error.
fn failed(who: &'static str, status: &Status) -> Error {
    match status.code() {
        Code::Unavailable | Code::Cancelled => Error::Unavailable(who),
        Code::DeadlineExceeded => Error::DeadlineExceeded,
        // Of what is asked here only a business that may not work is refused so.
        Code::FailedPrecondition => {
            let told = Problem::from(status);
            let code = if told.code == DELETING { DELETING } else { "tenant_suspended" };
            Error::Precondition { code, detail: told.detail }
        }
        Code::ResourceExhausted => Error::Exhausted { code: "exhausted", retry_after: None },
        code => Error::internal(format!("{who} answered {code:?}")),
    }
}

/// A row of the search as the assistant works with it; `None` when its id is no UUID.
#[must_use]
pub fn product(scored: &ScoredProduct) -> Option<Product> {
    let ScoredProduct { score, vector_score, lexical_score, .. } = *scored;
    Some(Product { score, vector_score, lexical_score, ..row(scored.product.as_ref()?)? })
}

/// A row of the catalogue as the assistant works with it; `None` when its id is no UUID.
#[must_use]
pub fn row(row: &catalog::Product) -> Option<Product> {
    let variant = |variant: &catalog::Variant| {
        let mut attributes: Vec<(String, String)> = variant.attributes.clone().into_iter().collect();
        attributes.sort_unstable();
        Variant {
            name: variant.name.clone(),
            sku: variant.sku.clone(),
            price_minor: variant.price_minor,
            stock: variant.stock,
            attributes,
        }
    };
    Some(Product {
        id: row.id.parse().ok()?,
        name: row.name.clone(),
        description: row.description.clone(),
        category: row.category.clone(),
        sku: row.sku.clone(),
        stock: row.stock,
        variants: row.variants.iter().map(variant).collect(),
        price_minor: row.price_minor,
        currency: row.currency.clone(),
        in_stock: row.status() == ProductStatus::Available,
        extra: flat_pairs(&row.extra_info),
        image_url: row.image_url.clone(),
        ..Product::default()
    })
}
