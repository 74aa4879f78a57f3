//! Connecting through Meta's login, pages between businesses, and what Meta's people ask to be undone.

use chatdesk_platform::grpc;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::connect_service_server::ConnectService;
use tonic::{Request, Response, Status};

use super::channel;
use crate::Service;

#[tonic::async_trait]
impl ConnectService for Service {
    async fn start_connect(
        &self,
        request: Request<pb::StartConnectRequest>,
    ) -> Result<Response<pb::StartConnectResponse>, Status> {
        Ok(Response::new(self.start_login(request.get_ref())?))
    }

    async fn finish_connect(
        &self,
        request: Request<pb::FinishConnectRequest>,
    ) -> Result<Response<pb::ConnectGrant>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.finish_login(&caller, request.get_ref()).await?))
    }

    async fn connect_granted(
        &self,
        request: Request<pb::ConnectGrantedRequest>,
    ) -> Result<Response<pb::Channel>, Status> {
        let caller = grpc::caller(&request)?;
        let channel = self.connect_page(&caller, request.get_ref()).await?;
        Ok(Response::new(channel::encode(channel, self.state.clock.now())))
    }

    async fn request_transfer(
        &self,
        request: Request<pb::RequestTransferRequest>,
    ) -> Result<Response<pb::Transfer>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.ask_for_page(&caller, request.get_ref()).await?))
    }

    async fn list_transfers(
        &self,
        request: Request<pb::ListTransfersRequest>,
    ) -> Result<Response<pb::ListTransfersResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.transfers(&caller).await?))
    }

    async fn decide_transfer(
        &self,
        request: Request<pb::DecideTransferRequest>,
    ) -> Result<Response<pb::Transfer>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.decide(&caller, request.get_ref()).await?))
    }

    async fn deauthorize(
        &self,
        request: Request<pb::DeauthorizeRequest>,
    ) -> Result<Response<pb::DeauthorizeResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let channels = self.take_rights(&caller, &request.meta_user_id, request.issued_at).await?;
        Ok(Response::new(pb::DeauthorizeResponse { channels }))
    }

    async fn request_deletion(
        &self,
        request: Request<pb::RequestDeletionRequest>,
    ) -> Result<Response<pb::Deletion>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        Ok(Response::new(self.delete_person(&caller, &request.meta_user_id, request.issued_at).await?))
    }

    async fn get_deletion(&self, request: Request<pb::GetDeletionRequest>) -> Result<Response<pb::Deletion>, Status> {
        Ok(Response::new(self.deletion(&request.into_inner().code).await?))
    }
}
