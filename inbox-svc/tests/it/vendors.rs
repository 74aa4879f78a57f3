//! Stand-ins for ai-svc and tenants-svc that do as they are told and remember what they were asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use chatdesk_proto::ai::v1::answer_service_server::AnswerService;
use chatdesk_proto::ai::v1::{AnswerRequest, AnswerResponse, Outcome, RecheckRequest, RecheckResponse, UsedProduct};
use chatdesk_proto::tenants::v1::channel_service_server::ChannelService;
use chatdesk_proto::tenants::v1::send_text_response::{Outcome as Sent, Refused, Sent as Taken, TryLater, Unknown};
use chatdesk_proto::tenants::v1::settings_service_server::SettingsService;
use chatdesk_proto::tenants::v1::*;
use tokio::sync::{Semaphore, mpsc};
use tonic::{Request, Response, Status};

/// Stops callers until the test lets them go on.
pub struct Gate {
    closed: std::sync::atomic::AtomicBool,
    permits: Semaphore,
    arrived: mpsc::UnboundedSender<()>,
    arrivals: tokio::sync::Mutex<mpsc::UnboundedReceiver<()>>,
}

impl Default for Gate {
    fn default() -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let arrivals = tokio::sync::Mutex::new(arrivals);
        Self { closed: false.into(), permits: Semaphore::new(0), arrived, arrivals }
    }
}

impl Gate {
    pub fn close(&self) {
        self.closed.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    pub fn open(&self) {
        self.closed.store(false, std::sync::atomic::Ordering::SeqCst);
        self.permits.add_permits(100);
    }

    pub fn let_one_pass(&self) {
        self.permits.add_permits(1);
    }

    /// Waits until somebody stands at the closed gate.
    pub async fn visitor(&self) {
        let mut arrivals = self.arrivals.lock().await;
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), arrivals.recv()).await;
        waited.expect("nobody came to the gate").expect("the gate stands");
    }

    pub async fn pass(&self) {
        if self.closed.load(std::sync::atomic::Ordering::SeqCst) {
            self.arrived.send(()).unwrap();
            self.permits.acquire().await.unwrap().forget();
        }
    }
}

#[derive(Default)]
pub struct Assistant {
    pub gate: Gate,
    pub asked: Mutex<Vec<AnswerRequest>>,
    /// What to answer next; when empty, `re: <question>`.
    pub script: Mutex<VecDeque<Result<AnswerResponse, Status>>>,
    pub down: std::sync::atomic::AtomicBool,
    pub rechecked: Mutex<Vec<RecheckRequest>>,
    /// What to say of products next; when empty, they hold.
    pub stale: Mutex<VecDeque<bool>>,
}

pub fn answered(text: &str) -> AnswerResponse {
    AnswerResponse {
        outcome: Outcome::Answered.into(),
        text: text.to_owned(),
        verdict: "passed".to_owned(),
        model: "catalogue".to_owned(),
        prompt_version: "v1".to_owned(),
        latency_ms: 3,
        ..AnswerResponse::default()
    }
}

pub fn with_product(text: &str) -> AnswerResponse {
    let product = UsedProduct {
        id: "0193a000-0000-7000-8000-000000000001".to_owned(),
        name: "Áo thun".to_owned(),
        score: 0.5,
        price_minor: 199_000,
        currency: "VND".to_owned(),
        status: 1,
        fingerprint: "f1".to_owned(),
        lowest_price_minor: 199_000,
        ..UsedProduct::default()
    };
    AnswerResponse { products: vec![product], ..answered(text) }
}

pub fn handover(line: &str, reason: &str) -> AnswerResponse {
    AnswerResponse { outcome: Outcome::Handover.into(), reason: reason.to_owned(), ..answered(line) }
}

#[tonic::async_trait]
impl AnswerService for super::house::Shared<Assistant> {
    async fn answer(&self, request: Request<AnswerRequest>) -> Result<Response<AnswerResponse>, Status> {
        let request = request.into_inner();
        self.0.asked.lock().unwrap().push(request.clone());
        self.0.gate.pass().await;
        if self.0.down.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Status::unavailable("down"));
        }
        let next = self.0.script.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Ok(answered(&format!("re: {}", request.question)))).map(Response::new)
    }

    async fn recheck(&self, request: Request<RecheckRequest>) -> Result<Response<RecheckResponse>, Status> {
        let request = request.into_inner();
        let stale = self.0.stale.lock().unwrap().pop_front().unwrap_or(false);
        let ids = request.products.iter().map(|product| product.id.clone());
        let stale_product_ids = if stale { ids.collect() } else { Vec::new() };
        self.0.rechecked.lock().unwrap().push(request);
        Ok(Response::new(RecheckResponse { stale_product_ids }))
    }
}

#[derive(Default)]
pub struct Meta {
    pub gate: Gate,
    pub sent: Mutex<Vec<SendTextRequest>>,
    /// What becomes of the next sends; when empty, they are taken as `mid-<metadata>`.
    pub script: Mutex<VecDeque<Result<SendTextResponse, Status>>>,
    pub ai_off_by_default: std::sync::atomic::AtomicBool,
    /// The shop wants cards with the assistant's answers.
    pub send_cards: std::sync::atomic::AtomicBool,
    pub profiles_down: std::sync::atomic::AtomicBool,
    pub settings_down: std::sync::atomic::AtomicBool,
    /// Files that were uploaded.
    pub uploads: Mutex<Vec<UploadedAttachment>>,
    /// Files that were handed over; what becomes of them is in `script`, too.
    pub sent_files: Mutex<Vec<SendAttachmentRequest>>,
    /// Who belongs to the business.
    pub members: Mutex<Vec<String>>,
    pub members_down: std::sync::atomic::AtomicBool,
    /// Cards that were handed over; what becomes of them is in `script`, too.
    pub sent_cards: Mutex<Vec<SendCardsRequest>>,
    /// Signs that customers were shown, and a gate before them.
    pub actions: Mutex<Vec<SendActionRequest>>,
    pub action_gate: Gate,
    /// What Meta keeps.
    pub shelf: super::shelf::Shelf,
}

fn became(outcome: Sent) -> Result<SendTextResponse, Status> {
    Ok(SendTextResponse { outcome: Some(outcome) })
}

pub fn taken(mid: &str) -> Result<SendTextResponse, Status> {
    became(Sent::Sent(Taken { mid: mid.to_owned() }))
}

pub fn refused(code: &str) -> Result<SendTextResponse, Status> {
    became(Sent::Refused(Refused { code: code.to_owned(), detail: "No.".to_owned() }))
}

pub fn later() -> Result<SendTextResponse, Status> {
    let after = Some(prost_types::Duration { seconds: 0, nanos: 1_000_000 });
    became(Sent::TryLater(TryLater { after, code: "rate_limited".to_owned() }))
}

pub fn unknown() -> Result<SendTextResponse, Status> {
    became(Sent::Unknown(Unknown { detail: "timeout".to_owned() }))
}

#[tonic::async_trait]
impl ChannelService for super::house::Shared<Meta> {
    async fn send_text(&self, request: Request<SendTextRequest>) -> Result<Response<SendTextResponse>, Status> {
        let request = request.into_inner();
        let metadata = request.metadata.clone();
        self.0.sent.lock().unwrap().push(request);
        self.0.gate.pass().await;
        let next = self.0.script.lock().unwrap().pop_front();
        next.unwrap_or_else(|| taken(&format!("mid-{metadata}"))).map(Response::new)
    }

    async fn send_attachment(
        &self,
        request: Request<SendAttachmentRequest>,
    ) -> Result<Response<SendTextResponse>, Status> {
        let request = request.into_inner();
        let metadata = request.metadata.clone();
        self.0.sent_files.lock().unwrap().push(request);
        self.0.gate.pass().await;
        let next = self.0.script.lock().unwrap().pop_front();
        next.unwrap_or_else(|| taken(&format!("mid-{metadata}"))).map(Response::new)
    }

    async fn send_cards(&self, request: Request<SendCardsRequest>) -> Result<Response<SendTextResponse>, Status> {
        let request = request.into_inner();
        let metadata = request.metadata.clone();
        self.0.sent_cards.lock().unwrap().push(request);
        self.0.gate.pass().await;
        let next = self.0.script.lock().unwrap().pop_front();
        next.unwrap_or_else(|| taken(&format!("mid-{metadata}"))).map(Response::new)
    }

    async fn send_action(&self, request: Request<SendActionRequest>) -> Result<Response<SendActionResponse>, Status> {
        self.0.actions.lock().unwrap().push(request.into_inner());
        self.0.action_gate.pass().await;
        Ok(Response::new(SendActionResponse {}))
    }

    async fn read_thread(&self, request: Request<ReadThreadRequest>) -> Result<Response<ReadThreadResponse>, Status> {
        self.0.shelf.read_thread(request.into_inner()).await.map(Response::new)
    }

    async fn list_threads(
        &self,
        request: Request<ListThreadsRequest>,
    ) -> Result<Response<ListThreadsResponse>, Status> {
        self.0.shelf.list_threads(request.into_inner()).await.map(Response::new)
    }

    async fn fetch_message(&self, request: Request<FetchMessageRequest>) -> Result<Response<PlatformMessage>, Status> {
        self.0.shelf.fetch_message(&request.into_inner()).map(Response::new)
    }

    async fn check_channel(&self, _: Request<CheckChannelRequest>) -> Result<Response<Channel>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_attachment(
        &self,
        request: Request<GetAttachmentRequest>,
    ) -> Result<Response<UploadedAttachment>, Status> {
        let id = request.into_inner().id;
        let found = self.0.uploads.lock().unwrap().iter().find(|upload| upload.id == id).cloned();
        found.map(Response::new).ok_or_else(|| Status::not_found("attachment"))
    }

    async fn upload_attachment(
        &self,
        _: Request<tonic::Streaming<UploadAttachmentRequest>>,
    ) -> Result<Response<UploadedAttachment>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn fetch_contact_profile(
        &self,
        request: Request<FetchContactProfileRequest>,
    ) -> Result<Response<ContactProfile>, Status> {
        if self.0.profiles_down.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Status::unavailable("down"));
        }
        let display_name = format!("Khách {}", request.into_inner().platform_user_id);
        Ok(Response::new(ContactProfile { display_name, profile_pic_url: "https://pics.example/1".to_owned() }))
    }

    async fn list_channels(&self, _: Request<ListChannelsRequest>) -> Result<Response<ListChannelsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn connect_channel(&self, _: Request<ConnectChannelRequest>) -> Result<Response<Channel>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn disconnect_channel(
        &self,
        _: Request<DisconnectChannelRequest>,
    ) -> Result<Response<DisconnectChannelResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl SettingsService for super::house::Shared<Meta> {
    async fn get_assistant_settings(
        &self,
        _: Request<GetAssistantSettingsRequest>,
    ) -> Result<Response<AssistantSettings>, Status> {
        if self.0.settings_down.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Status::unavailable("down"));
        }
        let off = self.0.ai_off_by_default.load(std::sync::atomic::Ordering::SeqCst);
        let send_cards = self.0.send_cards.load(std::sync::atomic::Ordering::SeqCst);
        Ok(Response::new(AssistantSettings { ai_enabled_by_default: !off, send_cards, ..AssistantSettings::default() }))
    }

    async fn update_assistant_settings(
        &self,
        _: Request<UpdateAssistantSettingsRequest>,
    ) -> Result<Response<AssistantSettings>, Status> {
        Err(Status::unimplemented(""))
    }
}
