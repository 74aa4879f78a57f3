//! The people who write to a business.

use axum::Json;
use chatdesk_proto::inbox::v1 as pb;

use crate::auth::Session;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{Contact, List, show};

/// Contacts, newest first.
#[utoipa::path(get, path = "/api/contacts", operation_id = "list_contacts", tag = "contacts", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<Contact>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Contact>>, Problem> {
    let page = query.page()?;
    let request = pb::ListContactsRequest { cursor: page.cursor, limit: page.limit };
    let found = session.calls.contacts()?.list_contacts(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// One contact.
#[utoipa::path(get, path = "/api/contacts/{id}", operation_id = "get_contact", tag = "contacts",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Contact)))]
pub async fn get(session: Session, Id(id): Id) -> Result<Json<Contact>, Problem> {
    show(session.calls.contacts()?.get_contact(pb::GetContactRequest { id: id.to_string() }).await?)
}
