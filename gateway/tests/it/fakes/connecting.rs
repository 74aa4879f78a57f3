//! The stand-in for connecting through Meta's login.

use chatdesk_platform::Error;
use chatdesk_proto::tenants::v1 as tenants;
use chatdesk_proto::tenants::v1::connect_service_server::ConnectService;
use tonic::{Request, Response};

use super::{Answer, Fake};
use crate::samples;

#[tonic::async_trait]
impl ConnectService for Fake {
    async fn start_connect(
        &self,
        request: Request<tenants::StartConnectRequest>,
    ) -> Answer<tenants::StartConnectResponse> {
        self.0.seen("StartConnect", &request).await?;
        let (url, state) = ("https://meta.test/dialog?state=s1".into(), "s1".into());
        Ok(Response::new(tenants::StartConnectResponse { url, state }))
    }

    async fn finish_connect(&self, request: Request<tenants::FinishConnectRequest>) -> Answer<tenants::ConnectGrant> {
        self.0.seen("FinishConnect", &request).await?;
        Ok(Response::new(samples::grant()))
    }

    async fn connect_granted(&self, request: Request<tenants::ConnectGrantedRequest>) -> Answer<tenants::Channel> {
        self.0.seen("ConnectGranted", &request).await?;
        Ok(Response::new(samples::channel()))
    }

    async fn request_transfer(&self, request: Request<tenants::RequestTransferRequest>) -> Answer<tenants::Transfer> {
        self.0.seen("RequestTransfer", &request).await?;
        let transfer = samples::transfer(tenants::TransferState::Pending);
        Ok(Response::new(tenants::Transfer { is_incoming: false, page_name: "Tiệm Mây".into(), ..transfer }))
    }

    async fn list_transfers(
        &self,
        request: Request<tenants::ListTransfersRequest>,
    ) -> Answer<tenants::ListTransfersResponse> {
        self.0.seen("ListTransfers", &request).await?;
        let items = vec![samples::transfer(tenants::TransferState::Pending)];
        Ok(Response::new(tenants::ListTransfersResponse { items }))
    }

    async fn decide_transfer(&self, request: Request<tenants::DecideTransferRequest>) -> Answer<tenants::Transfer> {
        self.0.seen("DecideTransfer", &request).await?;
        let accepted = request.into_inner().accept;
        let state = if accepted { tenants::TransferState::Accepted } else { tenants::TransferState::Declined };
        Ok(Response::new(samples::transfer(state)))
    }

    async fn deauthorize(&self, request: Request<tenants::DeauthorizeRequest>) -> Answer<tenants::DeauthorizeResponse> {
        self.0.seen("Deauthorize", &request).await?;
        Ok(Response::new(tenants::DeauthorizeResponse { channels: 1 }))
    }

    async fn request_deletion(&self, request: Request<tenants::RequestDeletionRequest>) -> Answer<tenants::Deletion> {
        self.0.seen("RequestDeletion", &request).await?;
        Ok(Response::new(samples::deletion()))
    }

    async fn get_deletion(&self, request: Request<tenants::GetDeletionRequest>) -> Answer<tenants::Deletion> {
        self.0.seen("GetDeletion", &request).await?;
        if request.into_inner().code != samples::DELETION {
            return Err(Error::NotFound("deletion").into());
        }
        Ok(Response::new(samples::deletion()))
    }
}
