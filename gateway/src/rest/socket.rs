//! Where live sockets begin: a ticket for a logged-in member, and the upgrade that spends it.

use std::sync::Arc;

use axum::Json;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chatdesk_platform::{TenantId, UserId};
use chatdesk_proto::tenants::v1 as pb;

use crate::app::{App, OwnCalls};
use crate::auth::Session;
use crate::live::{Member, serve};
use crate::problem::Problem;
use crate::view::{TicketView, Unreadable};

const PROTOCOL: &str = "chatdesk.v1";
/// The largest message of a client, in bytes.
const LARGEST: usize = 64 * 1024;

/// A ticket for one live socket. It works once, within 30 seconds.
#[utoipa::path(post, path = "/api/ws-ticket", operation_id = "issue_ws_ticket", tag = "live",
    security(("bearer" = [])), responses((status = 200, body = TicketView)))]
pub async fn ticket(session: Session) -> Result<Json<TicketView>, Problem> {
    let request = pb::IssueTicketRequest { session_id: session.id.to_string(), export_id: String::new() };
    let ticket = session.calls.accounts()?.issue_ticket(request).await?.into_inner();
    Ok(Json(TicketView { ticket: ticket.ticket, expires_in: ticket.expires_in }))
}

/// Open a live socket. Offer the sub-protocols `chatdesk.v1` and `ticket.<value>`. Frames are `{seq, type, data}`; the first is
/// `hello` with the current seq. Send `{"type":"resume","after":seq}` at once to get what was missed, then `resumed`, or `resync`
/// when it must all be loaded again; both say in `data.seq` how far the client is then.
/// Close codes: 1001 the server restarts, 4401 the session is over, 4403 the business is suspended.
#[utoipa::path(get, path = "/ws/{business_id}", operation_id = "open_socket", tag = "live",
    params(("business_id" = uuid::Uuid, Path), ("Sec-WebSocket-Protocol" = String, Header, example = "chatdesk.v1, ticket.abc")),
    responses((status = 101, description = "The socket is open"), (status = 401, description = "No ticket, or one that does not work"),
        (status = 403, description = "A page of another origin"), (status = 404, description = "Not the ticket's business"),
        (status = 426, description = "Not a WebSocket")))]
pub async fn open(
    State(app): State<Arc<App>>,
    OwnCalls(calls): OwnCalls,
    Path(business_id): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    if let Some(origin) = headers.get(header::ORIGIN)
        && !origin.to_str().is_ok_and(|origin| app.origins.takes(origin))
    {
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin_not_allowed", "this page may not open a socket here"));
    }
    let ticket = offered_ticket(&headers).ok_or_else(Problem::unauthenticated)?;
    let upgrade = upgrade
        .map_err(|_| Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", "this address takes WebSockets"))?;
    let request = pb::RedeemTicketRequest { ticket, export_id: String::new() };
    let holder = calls.accounts()?.redeem_ticket(request).await?.into_inner();
    let member = member(&holder).ok_or(Unreadable("ticket"))?;
    if business_id.parse().ok() != Some(member.tenant) {
        return Err(Problem::not_found());
    }
    let hub = app.hub.clone();
    let seat = hub.join(member).await?;
    let mut upgrade = upgrade;
    upgrade.set_selected_protocol(HeaderValue::from_static(PROTOCOL));
    let response = upgrade
        // Each socket keeps one, and what browsers say is short. The default of 128 KiB would be most of what a gateway holds.
        .read_buffer_size(1024)
        .write_buffer_size(0)
        // Room for the largest frame we send; it is used only while a frame waits for a slow client.
        .max_write_buffer_size(1024 * 1024)
        .max_message_size(LARGEST)
        .max_frame_size(LARGEST)
        .on_upgrade(async move |socket| {
            let shutdown = hub.shutdown().clone();
            // The drain waits for sockets, and the server that accepted this one no longer does.
            shutdown.spawn(serve(socket, seat, hub));
        });
    Ok(response)
}

/// The ticket, when it is offered together with the protocol it belongs to.
fn offered_ticket(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let offered: Vec<_> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let ticket = offered.iter().find_map(|offer| offer.strip_prefix("ticket."))?;
    (offered.contains(&PROTOCOL) && (1..=512).contains(&ticket.len())).then(|| ticket.to_owned())
}

fn member(holder: &pb::TicketHolder) -> Option<Member> {
    Some(Member {
        tenant: TenantId(holder.tenant_id.parse().ok()?),
        user: UserId(holder.user_id.parse().ok()?),
        session: holder.session_id.parse().ok()?,
    })
}
