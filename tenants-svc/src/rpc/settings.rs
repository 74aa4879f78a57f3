//! How the assistant speaks for a business.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, Identity, Invalid, ServiceName, grpc};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsService;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};

use super::usage::is_low;
use crate::Service;
use crate::audit::{self, Entry};
use crate::manner::{self, Settings, SettingsChange};
use crate::model::{self, Business};
use crate::store::{settings, status, usage};

#[tonic::async_trait]
impl SettingsService for Service {
    async fn get_assistant_settings(
        &self,
        request: Request<pb::GetAssistantSettingsRequest>,
    ) -> Result<Response<pb::AssistantSettings>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        // Everybody may look. The assistant asks before it says anything, and for such a business it says nothing.
        if matches!(caller.identity(), Identity::Service { name: ServiceName::Ai, .. }) {
            status::needs_work(&mut tx).await?;
        }
        let shown = self.shown(&mut tx).await?;
        tx.commit().await?;
        Ok(Response::new(shown))
    }

    async fn update_assistant_settings(
        &self,
        request: Request<pb::UpdateAssistantSettingsRequest>,
    ) -> Result<Response<pb::AssistantSettings>, Status> {
        let caller = grpc::caller(&request)?;
        let change = change(request.get_ref())?;
        let mut tx = self.state.db.begin(&caller).await?;
        let before = settings::get(&mut tx).await?.0;
        settings::update(&mut tx, &change, self.state.clock.now()).await?;
        let shown = self.shown(&mut tx).await?;
        let after = settings::get(&mut tx).await?.0;
        if before != after {
            let entry = Entry::new("settings.changed", "settings:assistant");
            audit::note(&mut tx, &caller, entry.change(told(&before), told(&after))).await?;
        }
        tx.commit().await?;
        Ok(Response::new(shown))
    }
}

impl Service {
    async fn shown(&self, tx: &mut TenantTx) -> Result<pb::AssistantSettings, Error> {
        let (settings, business) = settings::get(tx).await?;
        let taken = usage::taken(tx, self.state.clock.now().date_naive()).await?;
        let budget = self.budget(tx).await?;
        let percent = (taken.saturating_mul(100) / budget.max(1)).clamp(0, 100);
        Ok(pb::AssistantSettings {
            tokens_taken_percent: u32::try_from(percent).unwrap_or_default(),
            tokens_low: is_low(taken, budget),
            ..encode(settings, business)
        })
    }
}

/// What is noted of settings. Of texts only how long they are: the shop's words are not the log's.
fn told(settings: &Settings) -> Value {
    json!({
        "tone_characters": settings.tone.chars().count(),
        "policies_characters": settings.policies.chars().count(),
        "opening_hours_characters": settings.opening_hours.chars().count(),
        "languages": settings.languages,
        "ai_enabled_by_default": settings.ai_enabled_by_default,
        "send_cards": settings.send_cards,
    })
}

fn change(request: &pb::UpdateAssistantSettingsRequest) -> Result<SettingsChange, Error> {
    let mut invalid = Invalid::default();
    let tone = request.tone.as_deref().map(|text| model::text(text, Settings::TONE));
    let policies = request.policies.as_deref().map(|text| model::text(text, Settings::POLICIES));
    let languages = request.languages.as_ref().map(|list| manner::languages(&list.tags));
    let hours = request.opening_hours.as_deref().map(|text| model::text(text, Settings::OPENING_HOURS));
    let change = SettingsChange {
        tone: tone.and_then(|tone| invalid.check("tone", tone)),
        policies: policies.and_then(|policies| invalid.check("policies", policies)),
        languages: languages.and_then(|languages| invalid.check("languages", languages)),
        ai_enabled_by_default: request.ai_enabled_by_default,
        opening_hours: hours.and_then(|hours| invalid.check("opening_hours", hours)),
        send_cards: request.send_cards,
    };
    invalid.finish()?;
    Ok(change)
}

fn encode(settings: Settings, business: Business) -> pb::AssistantSettings {
    pb::AssistantSettings {
        tone: settings.tone,
        policies: settings.policies,
        languages: settings.languages,
        ai_enabled_by_default: settings.ai_enabled_by_default,
        opening_hours: settings.opening_hours,
        business_name: business.name,
        business_description: business.description,
        phone: business.phone,
        send_cards: settings.send_cards,
        ..pb::AssistantSettings::default()
    }
}
