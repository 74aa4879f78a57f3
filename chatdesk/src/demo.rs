//! The demo: Meta's stand-in with its pages, and a shop with a catalogue on two of them. Seeding again changes nothing.

use std::fs;
use std::time::Duration;

use chatdesk_gateway::Peers;
use chatdesk_platform::grpc::{Client, Peer};
use chatdesk_platform::{Clock, Identity, Role, TotpSecret, Vars, totp_step};
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::{CreateProductRequest, ListProductsRequest, ProductStatus};
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::{AiState, ListConversationsRequest, SetAiEnabledRequest};
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::saved_reply_service_client::SavedReplyServiceClient;
use chatdesk_proto::tenants::v1::settings_service_client::SettingsServiceClient;
use chatdesk_proto::tenants::v1::update_assistant_settings_request::Languages;
use chatdesk_proto::tenants::v1::{
    self as tenants, AddMemberRequest, ClearTotpRequest, ConnectChannelRequest, CreateAdminRequest,
    CreateSavedReplyRequest, LoginRequest, RegisterRequest, SetUpTotpRequest, UpdateAssistantSettingsRequest,
};
use chatdesk_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use tonic::Code;

use crate::environment::{Environment, random_text};
use crate::home::{Home, write_private};
use crate::runfile::{Connectable, Login, Page};
use crate::serve::in_words;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The shop: who it is and what it sells.
const SHOP: &str = include_str!("../demo/shop.json");
const OWNER: &str = "demo@chatdesk.example";
/// A colleague, who answers customers.
const AGENT: &str = "lan@chatdesk.example";
const AGENT_NAME: &str = "Lan";
const ADMIN: &str = "admin@chatdesk.example";
const PATIENCE: Duration = Duration::from_secs(20);

/// What of the demo a person, or a script, wants to know.
#[derive(Default)]
pub struct Demo {
    /// The shop's owner first.
    pub logins: Vec<Login>,
    /// The shop's pages.
    pub pages: Vec<Page>,
    /// Free pages.
    pub connectable: Vec<Connectable>,
}

#[derive(Deserialize)]
struct Shop {
    business_name: String,
    business_description: String,
    phone: String,
    tone: String,
    policies: String,
    opening_hours: String,
    languages: Vec<String>,
    saved_replies: Vec<ShopReply>,
    products: Vec<ShopProduct>,
}

#[derive(Deserialize)]
struct ShopReply {
    shortcut: String,
    text: String,
}

#[derive(Deserialize)]
struct ShopProduct {
    name: String,
    description: String,
    price: i64,
    status: String,
    #[serde(default)]
    extra_info: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Passwords {
    owner: String,
    admin: String,
}

/// What the stand-in is to offer: SANDBOX_ADDR, and SANDBOX_PAGES further pages for load tests. It remembers who subscribed, as Meta does.
pub fn sandbox_config(vars: &Vars, home: &Home) -> Result<chatdesk_sandbox::Config, Failure> {
    let mut config = chatdesk_sandbox::Config::from_vars(vars)?;
    config.memory = Some(home.own.join("sandbox.json"));
    Ok(config)
}

impl Demo {
    /// Makes the shop, its catalogue, its channels and an admin, where they are not there yet.
    pub async fn seed(
        environment: &Environment,
        sandbox: &Sandbox,
        peers: &Peers,
        operator: &Peer,
    ) -> Result<Self, Failure> {
        let shop: Shop = serde_json::from_str(SHOP)?;
        let passwords = passwords(environment)?;
        let (owner, session_id) = Box::pin(owner(&shop, &passwords.owner, peers, operator)).await?;
        let admin_secret = Box::pin(admin(&passwords.admin, environment, peers, operator)).await?;
        sandbox.show_codes(ADMIN, admin_secret.clone());
        let identity =
            Identity::Member { tenant: owner.tenant_id.parse()?, user: owner.id.parse()?, role: Role::Owner };
        let as_owner = |peer: &Peer| peer.client(&identity, PATIENCE, None);
        catalogue(&shop, as_owner(&peers.catalog)?).await?;
        settings(&shop, as_owner(&peers.tenants)?).await?;
        let agent_password = environment.home.remembered("demo_agent", || random_text(12))?;
        colleague(&agent_password, session_id, as_owner(&peers.tenants)?).await?;
        saved_replies(&shop, as_owner(&peers.tenants)?).await?;
        release(as_owner(&peers.inbox)?).await?;
        let pages = sandbox.demo_pages();
        channels(&pages, as_owner(&peers.tenants)?).await?;
        let login = |role: &str, member_role: &str, email: &str, password: &str| Login {
            role: role.to_owned(),
            member_role: member_role.to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
            totp_secret: None,
        };
        let admin = login("admin", "", ADMIN, &passwords.admin);
        let admin = Login { totp_secret: Some(admin_secret.show().expose_secret().to_owned()), ..admin };
        Ok(Self {
            logins: vec![
                login("business", "owner", OWNER, &passwords.owner),
                login("business", "agent", AGENT, &agent_password),
                admin,
            ],
            pages: pages
                .into_iter()
                .map(|page| Page {
                    platform: page.platform.as_str().to_owned(),
                    page_id: page.page_id,
                    customer_ids: page.customers.into_iter().map(|customer| customer.id).collect(),
                })
                .collect(),
            connectable: sandbox
                .connectable_pages()
                .into_iter()
                .map(|page| Connectable {
                    platform: page.platform.as_str().to_owned(),
                    page_id: page.page_id,
                    access_token: page.access_token,
                })
                .collect(),
        })
    }
}

/// Made once per installation and kept beside its secret.
fn passwords(environment: &Environment) -> Result<Passwords, Failure> {
    let fresh = || format!(r#"{{"owner":"{}","admin":"{}"}}"#, random_text(12), random_text(15));
    Ok(serde_json::from_str(&environment.home.remembered("demo.json", fresh)?)?)
}

/// The shop's owner, with a session of theirs that goes on.
async fn owner(
    shop: &Shop,
    password: &str,
    peers: &Peers,
    operator: &Peer,
) -> Result<(tenants::User, String), Failure> {
    let mut accounts = AccountServiceClient::new(peers.tenants.own_client(None, PATIENCE)?);
    let login = LoginRequest { email: OWNER.to_owned(), password: password.to_owned(), ..Default::default() };
    let session = match accounts.login(login.clone()).await {
        // Somebody tried one-time codes in the demo. Nobody is here to enter one, so each start does without.
        Err(status) if status.code() == Code::FailedPrecondition => {
            clear_totp(OWNER, operator).await?;
            accounts.login(login).await
        }
        Err(status) if status.code() == Code::Unauthenticated => {
            let request = RegisterRequest {
                email: OWNER.to_owned(),
                password: password.to_owned(),
                business_name: shop.business_name.clone(),
                business_description: shop.business_description.clone(),
                phone: shop.phone.clone(),
                ..Default::default()
            };
            accounts.register(request).await
        }
        answer => answer,
    };
    let session = session.map_err(|status| {
        format!(
            "the demo shop cannot be made ({}); with a new secret, start with a new home or database",
            in_words(&status)
        )
    })?;
    let session = session.into_inner();
    Ok((session.user.ok_or("a session without a user")?, session.session_id))
}

/// The platform admin, with one-time codes whose secret is kept beside the password: nobody in a demo has a device for them at hand.
async fn admin(
    password: &str,
    environment: &Environment,
    peers: &Peers,
    operator: &Peer,
) -> Result<TotpSecret, Failure> {
    let request = CreateAdminRequest { email: ADMIN.to_owned(), password: password.to_owned() };
    let made = AccountServiceClient::new(operator.own_client(None, PATIENCE)?).create_admin(request).await;
    if let Err(status) = made
        && status.code() != Code::AlreadyExists
    {
        return Err(in_words(&status).into());
    }
    let path = environment.home.own.join("demo_admin_totp");
    let mut accounts = AccountServiceClient::new(peers.tenants.own_client(None, PATIENCE)?);
    let set_up = |code: String| SetUpTotpRequest { email: ADMIN.to_owned(), password: password.to_owned(), code };
    let started = match accounts.set_up_totp(set_up(String::new())).await {
        Err(status) if status.code() == Code::FailedPrecondition => {
            if let Some(known) = fs::read_to_string(&path).ok().and_then(|text| TotpSecret::parse(text.trim())) {
                return Ok(known);
            }
            clear_totp(ADMIN, operator).await?;
            accounts.set_up_totp(set_up(String::new())).await
        }
        started => started,
    };
    let started = started.map_err(|status| format!("the demo's admin cannot log in ({})", in_words(&status)))?;
    let secret = started.into_inner().secret.and_then(|secret| TotpSecret::parse(&secret.secret));
    let secret = secret.ok_or("a secret that is none")?;
    // Kept before it is in force, so that it is never lost.
    write_private(&path, secret.show().expose_secret())?;
    // The last half minute's code: the present one is left for whoever logs in right away.
    let code = secret.code(totp_step(Clock::system().now()) - 1);
    accounts.set_up_totp(set_up(code)).await.map_err(|status| in_words(&status))?;
    Ok(secret)
}

async fn clear_totp(email: &str, operator: &Peer) -> Result<(), Failure> {
    let mut accounts = AccountServiceClient::new(operator.own_client(None, PATIENCE)?);
    let request = ClearTotpRequest { email: email.to_owned() };
    accounts.clear_totp(request).await.map_err(|status| in_words(&status))?;
    Ok(())
}

async fn catalogue(shop: &Shop, client: Client) -> Result<(), Failure> {
    let mut products = ProductServiceClient::new(client);
    let first = products.list_products(ListProductsRequest { limit: 1, ..Default::default() }).await;
    if !first.map_err(|status| in_words(&status))?.into_inner().items.is_empty() {
        return Ok(());
    }
    // Listed newest first, so the last one made is the first one seen.
    for product in shop.products.iter().rev() {
        let status =
            if product.status == "out_of_stock" { ProductStatus::OutOfStock } else { ProductStatus::Available };
        let request = CreateProductRequest {
            name: product.name.clone(),
            description: product.description.clone(),
            price_minor: product.price,
            currency: "VND".to_owned(),
            status: status.into(),
            extra_info: serde_json::to_string(&product.extra_info)?,
            ..Default::default()
        };
        products.create_product(request).await.map_err(|status| format!("{}: {}", product.name, in_words(&status)))?;
    }
    Ok(())
}

/// Adds the second person of the shop.
async fn colleague(password: &str, session_id: String, client: Client) -> Result<(), Failure> {
    let request = AddMemberRequest {
        email: AGENT.to_owned(),
        password: password.to_owned(),
        member_role: tenants::MemberRole::Agent.into(),
        name: AGENT_NAME.to_owned(),
        session_id,
    };
    match AccountServiceClient::new(client).add_member(request).await {
        Err(status) if status.code() != Code::AlreadyExists => Err(in_words(&status).into()),
        _ => Ok(()),
    }
}

/// Keeps the shop's saved replies, unless there are some.
async fn saved_replies(shop: &Shop, client: Client) -> Result<(), Failure> {
    let mut replies = SavedReplyServiceClient::new(client);
    let there = replies.list_saved_replies(tenants::ListSavedRepliesRequest {}).await;
    if !there.map_err(|status| in_words(&status))?.into_inner().items.is_empty() {
        return Ok(());
    }
    for reply in &shop.saved_replies {
        let request = CreateSavedReplyRequest { shortcut: reply.shortcut.clone(), text: reply.text.clone() };
        replies.create_saved_reply(request).await.map_err(|status| in_words(&status))?;
    }
    Ok(())
}

/// Sets what the shop says about itself, unless somebody has changed it.
async fn settings(shop: &Shop, client: Client) -> Result<(), Failure> {
    let mut settings = SettingsServiceClient::new(client);
    let now = settings.get_assistant_settings(tenants::GetAssistantSettingsRequest {}).await;
    if !now.map_err(|status| in_words(&status))?.into_inner().policies.is_empty() {
        return Ok(());
    }
    let request = UpdateAssistantSettingsRequest {
        tone: Some(shop.tone.clone()),
        policies: Some(shop.policies.clone()),
        opening_hours: Some(shop.opening_hours.clone()),
        languages: Some(Languages { tags: shop.languages.clone() }),
        ..Default::default()
    };
    settings.update_assistant_settings(request).await.map_err(|status| in_words(&status))?;
    Ok(())
}

/// Hands conversations back to the assistant: the stand-in has forgotten them, so on the phone page they begin anew.
async fn release(client: Client) -> Result<(), Failure> {
    let mut conversations = ConversationServiceClient::new(client);
    let listed = conversations.list_conversations(ListConversationsRequest { limit: 200, ..Default::default() }).await;
    for one in listed.map_err(|status| in_words(&status))?.into_inner().items {
        if one.ai.is_some_and(|ai| ai.state() != AiState::Active) {
            let request = SetAiEnabledRequest { conversation_id: one.id, is_ai_enabled: true };
            conversations.set_ai_enabled(request).await.map_err(|status| in_words(&status))?;
        }
    }
    Ok(())
}

/// Connects the shop's pages. At every start: their tokens may be new.
async fn channels(pages: &[chatdesk_sandbox::Page], client: Client) -> Result<(), Failure> {
    let mut channels = ChannelServiceClient::new(client);
    for page in pages {
        let platform = match page.platform {
            chatdesk_meta::Platform::Facebook => tenants::Platform::Facebook,
            chatdesk_meta::Platform::Instagram => tenants::Platform::Instagram,
        };
        let login = match page.platform {
            chatdesk_meta::Platform::Facebook => tenants::Login::Facebook,
            chatdesk_meta::Platform::Instagram => tenants::Login::Instagram,
        };
        let request = ConnectChannelRequest {
            platform: platform.into(),
            page_id: page.page_id.clone(),
            access_token: page.access_token.clone(),
            login: login.into(),
        };
        channels.connect_channel(request).await.map_err(|status| in_words(&status))?;
    }
    Ok(())
}
