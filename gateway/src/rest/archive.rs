//! A zip that is written while it is sent: whatever its size, no more of it is held than a few pieces.

use std::io::{self, Write};

use bytes::Bytes;
use chatdesk_platform::Shutdown;
use chatdesk_proto::tenants::v1::ReadExportResponse;
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Bytes that are sent together.
const PIECE: usize = 64 * 1024;

/// The zip of what the shares bring, file after file, part after part, as it is written. It breaks off, which shows, when a part cannot be had.
pub fn stream<S>(shares: Vec<S>, shutdown: &Shutdown) -> impl Stream<Item = io::Result<Bytes>> + use<S>
where
    S: Stream<Item = Result<ReadExportResponse, Status>> + Send + Unpin + 'static,
{
    let (parts, incoming) = mpsc::channel(2);
    let (outgoing, pieces) = mpsc::channel(2);
    shutdown.spawn(async move {
        for mut share in shares {
            while let Some(part) = share.next().await {
                let is_last = part.is_err();
                if parts.send(part).await.is_err() || is_last {
                    return;
                }
            }
        }
    });
    // Compressing is work for a thread of its own; it ends when nobody reads, or when the parts end.
    tokio::task::spawn_blocking(move || {
        let broken = outgoing.clone();
        if let Err(error) = write(incoming, Pipe { buffer: Vec::with_capacity(PIECE), outgoing }) {
            // Nobody reads any more when this fails.
            broken.blocking_send(Err(error)).ok();
        }
    });
    ReceiverStream::new(pieces)
}

fn write(mut parts: mpsc::Receiver<Result<ReadExportResponse, Status>>, pipe: Pipe) -> io::Result<()> {
    let mut zip = ZipWriter::new_stream(pipe);
    // A file of more than 4 GiB is told apart before it is known.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    let mut open = String::new();
    while let Some(part) = parts.blocking_recv() {
        let part = part.map_err(|status| io::Error::other(status.message().to_owned()))?;
        if part.file != open {
            zip.start_file(part.file.as_str(), options)?;
            open = part.file;
        }
        zip.write_all(&part.lines)?;
    }
    zip.finish()?.into_inner().flush()
}

/// Hands on what is written, in pieces.
struct Pipe {
    buffer: Vec<u8>,
    outgoing: mpsc::Sender<io::Result<Bytes>>,
}

impl Pipe {
    fn hand_on(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE)));
        self.outgoing.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.hand_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use futures::stream;

    use super::*;

    fn part(file: &str, lines: &str) -> Result<ReadExportResponse, Status> {
        Ok(ReadExportResponse { file: file.to_owned(), lines: lines.as_bytes().to_vec() })
    }

    #[tokio::test]
    async fn every_file_is_there_whole_however_many_parts_it_came_in() {
        // Ids do not pack, so there is more than a piece.
        let id = chatdesk_platform::new_id;
        let many = (0..3000).map(|_| part("b.ndjson", &format!("{{\"id\":\"{}{}{}\"}}\n", id(), id(), id())));
        let many: Vec<_> = std::iter::once(part("a.ndjson", "")).chain(many).collect();
        let shares = vec![stream::iter(many), stream::iter(vec![part("c.ndjson", "{}\n")])];
        let pieces: Vec<_> = super::stream(shares, &Shutdown::default()).collect().await;
        assert!(pieces.len() > 1);
        let bytes: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.unwrap()).collect();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut sizes = Vec::new();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            let lines = text.lines().count();
            sizes.push((file.name().unwrap().into_owned(), lines));
        }
        let want = [("a.ndjson", 0), ("b.ndjson", 3000), ("c.ndjson", 1)];
        assert_eq!(sizes, want.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[tokio::test]
    async fn what_breaks_off_is_not_taken_for_whole() {
        let shares = vec![stream::iter(vec![part("a.ndjson", "{}\n"), Err(Status::unavailable("gone"))])];
        let pieces: Vec<_> = super::stream(shares, &Shutdown::default()).collect().await;
        assert!(pieces.last().is_some_and(Result::is_err));
    }
}
