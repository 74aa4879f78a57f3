//! Every address there is. Each handler names its own path; the API's description is made from the same list.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tokio::sync::Semaphore;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;
use crate::config::Limits;
use crate::layers;
use crate::openapi;
use crate::rest::{
    account, admin, assistant, attachments, audit, auth, callbacks, channels, connect, contacts, conversations,
    dashboard, entries, health, imports, invitations, journal, labels, members, messages, notes, page, privacy,
    products, profile, replay, reset, saved_replies, socket, system, team, totp, unanswered, webhooks,
};
use crate::visits;

/// Where the API's description is.
const DESCRIPTION: &str = "/api/openapi.json";

/// All routes with their layers, ready to serve.
pub fn router(app: &Arc<App>) -> Router {
    let (routes, described) = endpoints(app.limits);
    let docs = SwaggerUi::new("/api/docs").config(Config::from(DESCRIPTION));
    let routes = routes
        .route(DESCRIPTION, get(async move || axum::Json(described)))
        .merge(docs)
        .method_not_allowed_fallback(wrong_method)
        .fallback(page::serve)
        .with_state(Arc::clone(app))
        .layer(from_fn_with_state(Arc::clone(app), visits::noted));
    layers::around(routes, app)
}

/// The API's description, as it is served, for those who generate clients from it.
///
/// # Errors
/// None that are known: what describes itself can be written down.
pub fn description() -> serde_json::Result<String> {
    endpoints(Limits::default()).1.to_pretty_json()
}

fn endpoints(limits: Limits) -> (Router<Arc<App>>, OpenApi) {
    let room = || Arc::new(Semaphore::new(limits.requests));
    // Webhooks have a room of their own: neither strangers who post there nor people at their desks shut out the others.
    let (api_room, webhook_room) = (room(), room());
    let api = OpenApiRouter::with_openapi(openapi::preface())
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me))
        .routes(routes!(account::list_sessions))
        .routes(routes!(account::end_session))
        .routes(routes!(account::logout_everywhere))
        .routes(routes!(account::change_password))
        .routes(routes!(reset::request))
        .routes(routes!(reset::confirm))
        .routes(routes!(totp::start, totp::confirm, totp::disable))
        .routes(routes!(totp::start_setup, totp::confirm_setup))
        .routes(routes!(profile::get, profile::update))
        .routes(routes!(members::list, members::add))
        .routes(routes!(team::list_invitations, team::create_invitation))
        .routes(routes!(team::revoke_invitation))
        .routes(routes!(team::change_role, team::remove_member))
        .routes(routes!(invitations::look))
        .routes(routes!(invitations::accept))
        .routes(routes!(saved_replies::list, saved_replies::create))
        .routes(routes!(saved_replies::update, saved_replies::delete))
        .routes(routes!(channels::list))
        .routes(routes!(channels::connect_facebook))
        .routes(routes!(channels::connect_instagram))
        .routes(routes!(channels::disconnect))
        .routes(routes!(channels::check))
        .routes(routes!(connect::start))
        .routes(routes!(connect::list_transfers, connect::request_transfer))
        .routes(routes!(connect::decide_transfer))
        .routes(routes!(callbacks::deletion))
        .routes(routes!(contacts::list))
        .routes(routes!(contacts::get))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::count))
        .routes(routes!(conversations::get, conversations::update))
        .routes(routes!(conversations::set_ai))
        .routes(routes!(conversations::mark_read))
        .routes(routes!(conversations::mark_unread))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(messages::retry))
        .routes(routes!(messages::resolve))
        .routes(routes!(messages::refresh_attachments))
        .routes(routes!(notes::list, notes::add))
        .routes(routes!(notes::delete))
        .routes(routes!(labels::list, labels::create))
        .routes(routes!(labels::update, labels::delete))
        .routes(routes!(dashboard::get))
        .routes(routes!(journal::list))
        .routes(routes!(journal::summarize))
        .routes(routes!(journal::redrive))
        .routes(routes!(journal::get))
        .routes(routes!(products::list, products::create))
        .routes(routes!(products::search))
        .routes(routes!(products::categories))
        .routes(routes!(products::prices))
        .routes(routes!(imports::list))
        .routes(routes!(imports::get, imports::cancel))
        .routes(routes!(imports::rows))
        .routes(routes!(imports::export))
        .routes(routes!(entries::list, entries::create))
        .routes(routes!(entries::update, entries::delete))
        .routes(routes!(products::get, products::update, products::delete))
        .routes(routes!(products::restore))
        .routes(routes!(assistant::preview))
        .routes(routes!(assistant::settings, assistant::update_settings))
        .routes(routes!(unanswered::list))
        .routes(routes!(unanswered::dismiss))
        .routes(routes!(unanswered::teach))
        .routes(routes!(replay::start))
        .routes(routes!(replay::get))
        .routes(routes!(privacy::start_export, privacy::list_exports))
        .routes(routes!(privacy::link_export))
        .routes(routes!(privacy::fetch_export))
        .routes(routes!(privacy::deletion, privacy::request_deletion, privacy::cancel_deletion))
        .routes(routes!(privacy::erase_contact))
        .routes(routes!(admin::list_tenants))
        .routes(routes!(admin::get_tenant))
        .routes(routes!(admin::suspend))
        .routes(routes!(admin::resume))
        .routes(routes!(admin::set_cap))
        .routes(routes!(admin::enter))
        .routes(routes!(admin::list_channels))
        .routes(routes!(admin::usage))
        .routes(routes!(system::get))
        .routes(routes!(system::list))
        .routes(routes!(system::retry))
        .routes(routes!(system::discard))
        .routes(routes!(audit::list_for_admins))
        .routes(routes!(audit::list))
        .routes(routes!(audit::notices))
        .routes(routes!(socket::ticket))
        .routes(routes!(socket::open))
        .layer(from_fn(move |request, next| layers::within(limits.request, request, next)))
        .layer(from_fn(move |request, next| layers::in_room(Arc::clone(&api_room), request, next)));
    // Files take long and take memory while they pass, so they have a limit of their own, and a room which the handler lets people into:
    // only those who proved themselves take a place.
    let uploads = OpenApiRouter::new()
        .routes(routes!(attachments::upload))
        .routes(routes!(imports::start))
        .layer(from_fn(move |request, next| layers::within(limits.upload, request, next)));
    let webhooks = OpenApiRouter::new()
        .routes(routes!(webhooks::verify_facebook, webhooks::receive_facebook))
        .routes(routes!(webhooks::verify_instagram, webhooks::receive_instagram))
        .routes(routes!(callbacks::deauthorize))
        .routes(routes!(callbacks::data_deletion))
        .layer(from_fn(move |request, next| layers::within(limits.webhook, request, next)))
        .layer(from_fn(move |request, next| layers::in_room(Arc::clone(&webhook_room), request, next)));
    // A full house is no reason to be restarted, so these need no room.
    let health = OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .layer(from_fn(move |request, next| layers::within(limits.request, request, next)));

    let (routes, described) = api.merge(uploads).merge(webhooks).merge(health).split_for_parts();
    (routes, openapi::with_failures(described))
}

async fn wrong_method() -> axum::http::StatusCode {
    axum::http::StatusCode::METHOD_NOT_ALLOWED
}
