//! Contacts, read.

use std::collections::HashMap;

use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1::contact_service_server::ContactService;
use chatdesk_proto::inbox::v1::{Contact, GetContactRequest, ListContactsRequest, ListContactsResponse};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::cursor::Cursor;
use super::{id_of, limit};
use crate::desk::Desk;
use crate::encode;
use crate::store;

/// Serves `ContactService`.
pub struct Contacts {
    desk: Desk,
}

impl Contacts {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn list(&self, caller: &Caller, request: &ListContactsRequest) -> Result<ListContactsResponse, Error> {
        let mut invalid = Invalid::default();
        let cursor = Cursor::read(&mut invalid, &request.cursor);
        let limit = limit(&mut invalid, request.limit, 50, 200);
        invalid.finish()?;
        let mut tx = self.desk.db.begin(caller).await?;
        let after = (cursor.at, Uuid::from_u128(cursor.tie));
        let mut page = store::contacts::page(&mut tx, after, i64::from(limit) + 1).await?;
        let next_cursor = Cursor::cut(&mut page, limit, |(at, id)| Cursor { at: *at, tie: id.as_u128() });
        let ids: Vec<Uuid> = page.into_iter().map(|(_, id)| id).collect();
        let found = store::contacts::by_ids(&mut tx, &ids).await?;
        tx.commit().await?;
        let found: HashMap<Uuid, _> = found.into_iter().map(|contact| (contact.id, contact)).collect();
        let items = ids.iter().filter_map(|id| found.get(id)).map(encode::contact).collect();
        Ok(ListContactsResponse { items, next_cursor })
    }

    async fn get(&self, caller: &Caller, request: &GetContactRequest) -> Result<Contact, Error> {
        let id = id_of(&request.id, "contact")?;
        let mut tx = self.desk.db.begin(caller).await?;
        let found = store::contacts::by_ids(&mut tx, &[id]).await?.pop();
        tx.commit().await?;
        found.as_ref().map(encode::contact).ok_or(Error::NotFound("contact"))
    }
}

#[tonic::async_trait]
impl ContactService for Contacts {
    async fn list_contacts(
        &self,
        request: Request<ListContactsRequest>,
    ) -> Result<Response<ListContactsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.list(&caller, request.get_ref()).await?))
    }

    async fn get_contact(&self, request: Request<GetContactRequest>) -> Result<Response<Contact>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.get(&caller, request.get_ref()).await?))
    }
}
