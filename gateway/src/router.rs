//! Every address there is. Each handler names its own path; the API's description is made from the same list.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;
use crate::layers;
use crate::openapi;
use crate::problem::Problem;
use crate::rest::{
    admin, assistant, auth, channels, contacts, conversations, health, home, messages, products, profile, socket,
    webhooks,
};

/// Where the API's description is.
const DESCRIPTION: &str = "/api/openapi.json";

/// All routes with their layers, ready to serve.
pub fn router(app: &Arc<App>) -> Router {
    let limits = app.limits;
    let room = || Arc::new(Semaphore::new(limits.requests));
    // Webhooks have a room of their own: neither strangers who post there nor people at their desks shut out the others.
    let (api_room, webhook_room) = (room(), room());
    let api = OpenApiRouter::with_openapi(openapi::preface())
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me))
        .routes(routes!(profile::get, profile::update))
        .routes(routes!(channels::list))
        .routes(routes!(channels::connect_facebook))
        .routes(routes!(channels::connect_instagram))
        .routes(routes!(channels::disconnect))
        .routes(routes!(contacts::list))
        .routes(routes!(contacts::get))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::get))
        .routes(routes!(conversations::set_ai))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(products::list, products::create))
        .routes(routes!(products::search))
        .routes(routes!(products::get, products::update, products::delete))
        .routes(routes!(assistant::preview))
        .routes(routes!(assistant::settings, assistant::update_settings))
        .routes(routes!(admin::suspend))
        .routes(routes!(admin::resume))
        .routes(routes!(socket::ticket))
        .routes(routes!(socket::open))
        .routes(routes!(home::home))
        .layer(from_fn(move |request, next| layers::within(limits.request, request, next)))
        .layer(from_fn(move |request, next| layers::in_room(Arc::clone(&api_room), request, next)));
    let webhooks = OpenApiRouter::new()
        .routes(routes!(webhooks::verify_facebook, webhooks::receive_facebook))
        .routes(routes!(webhooks::verify_instagram, webhooks::receive_instagram))
        .layer(from_fn(move |request, next| layers::within(limits.webhook, request, next)))
        .layer(from_fn(move |request, next| layers::in_room(Arc::clone(&webhook_room), request, next)));
    // A full house is no reason to be restarted, so these need no room.
    let health = OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .layer(from_fn(move |request, next| layers::within(limits.request, request, next)));

    let (routes, described) = api.merge(webhooks).merge(health).split_for_parts();
    let described = axum::Json(openapi::with_failures(described));
    let docs = SwaggerUi::new("/api/docs").config(Config::from(DESCRIPTION));
    let routes = routes
        .route(DESCRIPTION, get(async move || described))
        .merge(docs)
        .method_not_allowed_fallback(wrong_method)
        .fallback(nothing_here)
        .with_state(Arc::clone(app));
    layers::around(routes, app)
}

async fn nothing_here() -> Problem {
    Problem::not_found()
}

async fn wrong_method() -> axum::http::StatusCode {
    axum::http::StatusCode::METHOD_NOT_ALLOWED
}
