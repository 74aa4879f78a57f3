//! The service on the wire: who may call what, and proto to model and back.

pub(crate) mod answer;
pub(crate) mod retrieval;

use crate::peers::Errand;
use chatdesk_platform::grpc::{REQUEST_ID, caller};
use chatdesk_platform::{AccessTable, Allow, Error, Role, ServiceName};
use tonic::{Request, Status};

/// Every method and who may call it. Inbox answers customers; members try the assistant and its retrieval.
pub const ACCESS: AccessTable = &[
    ("/chatdesk.ai.v1.AnswerService/Answer", &[Allow::TenantService(ServiceName::Inbox), Allow::Member(Role::Agent)]),
    ("/chatdesk.ai.v1.AnswerService/Recheck", &[Allow::TenantService(ServiceName::Inbox)]),
    ("/chatdesk.ai.v1.RetrievalService/Retrieve", &[Allow::Member(Role::Viewer), Allow::Visitor]),
];

/// The caller's tenant and request.
fn errand<T>(request: &Request<T>) -> Result<Errand, Status> {
    let tenant = caller(request)?.tenant().ok_or(Error::Forbidden)?;
    let request_id = request.metadata().get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    Ok(Errand { tenant, request_id })
}
