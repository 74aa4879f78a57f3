//! A network that can fail: connections to one address, carried as they are until the line is cut or falls silent.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Whole,
    /// Every connection ends, and no new one comes about.
    Cut,
    /// Connections stay open and come about, and nothing is carried any more: nobody is told, as behind a dead router.
    Silent,
}

/// A proxy in front of one address.
pub struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    serving: JoinHandle<()>,
}

impl Proxy {
    /// Begins to carry.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (line, watched) = watch::channel(Line::Whole);
        Self { address, line, serving: tokio::spawn(serve(listener, target, watched)) }
    }

    /// Where to connect instead of the target.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections, and refuses more.
    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Carries nothing any more, and tells nobody.
    pub fn silence(&self) {
        self.line.send_replace(Line::Silent);
    }

    /// Carries again. What fell silent is lost.
    pub fn mend(&self) {
        self.line.send_replace(Line::Whole);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, target: SocketAddr, line: watch::Receiver<Line>) {
    // Ends with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((near, _)) = accepted {
                    connections.spawn(carry(near, target, line.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut near: TcpStream, target: SocketAddr, mut line: watch::Receiver<Line>) {
    let state = *line.borrow_and_update();
    if state == Line::Whole {
        let Ok(mut far) = TcpStream::connect(target).await else { return };
        // An answer that is late because it is held back would be the proxy's fault.
        near.set_nodelay(true).and_then(|()| far.set_nodelay(true)).ok();
        let changed = tokio::select! {
            _ = copy_bidirectional(&mut near, &mut far) => return,
            changed = line.wait_for(|line| *line != Line::Whole) => changed.map_or(Line::Cut, |line| *line),
        };
        if changed == Line::Cut {
            return;
        }
        // Both ends stay open, unread.
        line.wait_for(|line| *line != Line::Silent).await.ok();
    } else if state == Line::Silent {
        line.wait_for(|line| *line != Line::Silent).await.ok();
    }
}

/// The proxy itself is what these tests stand on.
#[tokio::test]
async fn a_line_carries_is_cut_and_is_mended() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let echo = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let proxy = Proxy::to(echo.local_addr().expect("bound")).await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = echo.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.into_split();
                tokio::io::copy(&mut reader, &mut writer).await.ok();
            });
        }
    });
    let mut byte = [0_u8];
    let mut first = TcpStream::connect(proxy.address()).await.expect("it listens");
    first.write_all(b"a").await.expect("open");
    first.read_exact(&mut byte).await.expect("carried");
    proxy.cut();
    assert_eq!(first.read(&mut byte).await.unwrap_or(0), 0, "it ends");
    let mut refused = TcpStream::connect(proxy.address()).await.expect("it listens");
    assert_eq!(refused.read(&mut byte).await.unwrap_or(0), 0, "it ends at once");
    proxy.mend();
    let mut second = TcpStream::connect(proxy.address()).await.expect("it listens");
    second.write_all(b"b").await.expect("open");
    second.read_exact(&mut byte).await.expect("carried");
}
