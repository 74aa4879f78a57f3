//! Channels, what is sent through them and their transfers, with another business's ids.

use chatdesk_platform::grpc::Client;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::connect_service_client::ConnectServiceClient;
use chatdesk_proto::tenants::v1::*;
use tonic::Code;

use super::Owned;
use super::calls::code;

/// What each call that names another's thing comes to.
pub async fn codes(owned: &Owned, client: Client) -> Vec<(&'static str, Code)> {
    let mut channels = ChannelServiceClient::new(client.clone());
    let mut connecting = ConnectServiceClient::new(client);
    let channel = &owned.channel;
    let send = SendTextRequest {
        channel_id: channel.clone(),
        recipient_id: "1".into(),
        text: "x".into(),
        tag: SendTag::Response.into(),
        ..Default::default()
    };
    vec![
        (
            "DisconnectChannel",
            code(channels.disconnect_channel(DisconnectChannelRequest { id: channel.clone() }).await),
        ),
        ("SendText", code(channels.send_text(send).await)),
        (
            "SendCards",
            code(
                channels
                    .send_cards(SendCardsRequest {
                        channel_id: channel.clone(),
                        recipient_id: "1".into(),
                        cards: vec![Card { title: "x".into(), ..Default::default() }],
                        tag: SendTag::Response.into(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "SendAction",
            code(
                channels
                    .send_action(SendActionRequest {
                        channel_id: channel.clone(),
                        recipient_id: "1".into(),
                        action: SenderAction::TypingOn.into(),
                    })
                    .await,
            ),
        ),
        (
            "ReadThread",
            code(
                channels
                    .read_thread(ReadThreadRequest {
                        channel_id: channel.clone(),
                        platform_user_id: "1".into(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "ListThreads",
            code(
                channels
                    .list_threads(ListThreadsRequest {
                        channel_id: channel.clone(),
                        since: Some(prost_types::Timestamp::default()),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "FetchMessage",
            code(channels.fetch_message(FetchMessageRequest { channel_id: channel.clone(), mid: "m_1".into() }).await),
        ),
        ("CheckChannel", code(channels.check_channel(CheckChannelRequest { id: channel.clone() }).await)),
        (
            "DecideTransfer",
            code(connecting.decide_transfer(DecideTransferRequest { id: owned.transfer.clone(), accept: false }).await),
        ),
        (
            "UploadAttachment",
            code({
                let start = UploadStart {
                    channel_id: channel.clone(),
                    file_name: "a.png".into(),
                    content_type: "image/png".into(),
                    size: 1,
                };
                let part = Some(upload_attachment_request::Part::Start(start));
                channels.upload_attachment(futures::stream::iter([UploadAttachmentRequest { part }])).await
            }),
        ),
        ("GetAttachment", code(channels.get_attachment(GetAttachmentRequest { id: owned.attachment.clone() }).await)),
        (
            "SendAttachment",
            code(
                channels
                    .send_attachment(SendAttachmentRequest {
                        channel_id: channel.clone(),
                        recipient_id: "1".into(),
                        attachment_id: owned.attachment.clone(),
                        tag: SendTag::Response.into(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "FetchContactProfile",
            code(
                channels
                    .fetch_contact_profile(FetchContactProfileRequest {
                        channel_id: channel.clone(),
                        platform_user_id: "1".into(),
                    })
                    .await,
            ),
        ),
    ]
}
