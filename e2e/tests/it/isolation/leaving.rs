//! Another business's export.

use chatdesk_platform::ServiceName;
use chatdesk_platform::grpc::Client;
use chatdesk_proto::tenants::v1::{GetExportRequest, ReadExportRequest};
use chatdesk_proto::{catalog, inbox, tenants};
use tonic::Code;

use super::Owned;
use super::calls::code;

/// Methods that take no id of a tenant's thing, or to which one that is not there is nothing to do.
pub const NAMES_NOTHING: &[&str] = &[
    "StartExport",
    "ListExports",
    "GetTenantDeletion",
    "RequestTenantDeletion",
    "CancelTenantDeletion",
    "EraseContact",
];

/// What each method says of it.
pub async fn codes(owned: &Owned, client: &impl Fn(ServiceName) -> Client) -> Vec<(&'static str, Code)> {
    let mut own = tenants::v1::privacy_service_client::PrivacyServiceClient::new(client(ServiceName::Tenants));
    let mut said = inbox::v1::privacy_service_client::PrivacyServiceClient::new(client(ServiceName::Inbox));
    let mut sold = catalog::v1::privacy_service_client::PrivacyServiceClient::new(client(ServiceName::Catalog));
    let read = || ReadExportRequest { id: owned.export.clone() };
    vec![
        ("GetExport", code(own.get_export(GetExportRequest { id: owned.export.clone() }).await)),
        ("ReadExport", code(own.read_export(read()).await)),
        ("ReadExport", code(said.read_export(read()).await)),
        ("ReadExport", code(sold.read_export(read()).await)),
    ]
}
