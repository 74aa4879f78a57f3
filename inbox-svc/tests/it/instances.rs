//! More of a running inbox: a second instance beside it, and the comparing of channels that begins by itself.

use std::sync::Arc;

use chatdesk_inbox::{Config, Service};
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, ServiceName, Shutdown};
use chatdesk_proto::ai::v1::answer_service_server::AnswerServiceServer;
use chatdesk_proto::tenants::v1::account_service_server::AccountServiceServer;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelServiceServer;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsServiceServer;

use crate::house::{House, Shared, config, keyring, routes, until};

impl House {
    /// Starts a second instance over the same database and stand-ins.
    pub async fn another(&self, adjust: impl FnOnce(&mut Config)) -> Shutdown {
        let minter = || keyring().minter(ServiceName::Inbox).unwrap();
        let tenants = routes(|routes| {
            routes
                .add_service(AccountServiceServer::new(Shared(Arc::clone(&self.meta))))
                .add_service(ChannelServiceServer::new(Shared(Arc::clone(&self.meta))))
                .add_service(SettingsServiceServer::new(Shared(Arc::clone(&self.meta))));
        });
        let tenants = Peer::direct(ServiceName::Tenants, tenants, minter(), Clock::system());
        let served = routes(|routes| {
            routes.add_service(AnswerServiceServer::new(Shared(Arc::clone(&self.ai))));
        });
        let ai = Peer::direct(ServiceName::Ai, served, minter(), Clock::system());
        let mut config = config(&self.db);
        adjust(&mut config);
        let shutdown = Shutdown::default();
        let started = Service::start(config, &keyring(), ai, tenants, Clock::system(), &shutdown).await;
        started.unwrap_or_else(|error| panic!("{error}"));
        shutdown
    }

    /// Waits until every channel was compared with what Meta keeps, once for its connection.
    pub async fn compared(&self) {
        until("every channel to be compared", || async {
            let open: i64 = sqlx::query_scalar(
                "select count(*) from routing.channels c left join inbox.channel_sync s
                     on s.channel_id = c.channel_id and s.connected_at = c.connected_at and s.pass_from is null
                 where s.checked_at is null",
            )
            .fetch_one(&self.admin)
            .await
            .unwrap();
            (open == 0).then_some(())
        })
        .await;
    }
}
