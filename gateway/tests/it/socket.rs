//! A client of the live socket, as a browser is one.

use chatdesk_gateway::LiveConfig;
use chatdesk_platform::Clock;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::samples::{SESSION, TENANT};
use crate::world::{World, soon};

/// An open socket, from the client's side.
pub type Socket = WebSocketStream<TcpStream>;

/// A gateway whose live part is set otherwise.
pub async fn live(change: impl FnOnce(&mut LiveConfig)) -> World {
    World::with(Clock::system(), |config| change(&mut config.live)).await
}

/// A socket and the protocol that was agreed on, or the status of the refusal.
pub async fn dial(world: &World, tenant: &str, headers: &[(&'static str, String)]) -> Result<(Socket, String), u16> {
    let address = world.gateway.address();
    let mut request = format!("ws://{address}/ws/{tenant}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    match client_async(request, stream).await {
        Ok((socket, answer)) => {
            let protocol = answer.headers()["sec-websocket-protocol"].to_str().unwrap().to_owned();
            Ok((socket, protocol))
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The header that offers a ticket.
pub fn offer(ticket: &str) -> (&'static str, String) {
    ("sec-websocket-protocol", format!("chatdesk.v1, ticket.{ticket}"))
}

/// A socket of any session.
pub async fn open_as(world: &World, tenant: &str, session: &str) -> Socket {
    let ticket = world.fakes.ticket(tenant, session);
    dial(world, tenant, &[offer(&ticket)]).await.unwrap().0
}

/// A socket of the first tenant that has heard `hello`.
pub async fn open(world: &World) -> Socket {
    let mut socket = open_as(world, TENANT, SESSION).await;
    assert_eq!(next(&mut socket).await["type"], "hello");
    socket
}

/// The next frame.
pub async fn next(socket: &mut Socket) -> Value {
    loop {
        let message = soon("a frame", socket.next()).await.expect("an open socket").expect("a whole frame");
        match message {
            Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The code that the socket is closed with.
pub async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match soon("a close", socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Sends a frame.
pub async fn say(socket: &mut Socket, frame: &Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}
