//! A zip that is written while it is sent: whatever its size, no more of it is held than a few pieces, and no thread while nobody reads.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chatdesk_platform::Shutdown;
use chatdesk_proto::tenants::v1::ReadExportResponse;
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc;
use tonic::Status;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Bytes that are sent together, at least, until the last.
const PIECE: usize = 64 * 1024;

/// The zip of what the shares bring, file after file, part after part, as it is written. It breaks off, which shows, when a part cannot be had,
/// with the shutdown, and when it is not taken within `longest`. `held` is kept until then.
pub fn stream<S, H>(
    shares: Vec<S>,
    held: H,
    longest: Duration,
    shutdown: &Shutdown,
) -> impl Stream<Item = io::Result<Bytes>> + use<S, H>
where
    S: Stream<Item = Result<ReadExportResponse, Status>> + Send + Unpin + 'static,
    H: Send + 'static,
{
    let (pieces, taken) = mpsc::channel(2);
    let stop = shutdown.token();
    shutdown.spawn(async move {
        let _held = held;
        tokio::select! {
            () = stop.cancelled() => {}
            written = tokio::time::timeout(longest, write(shares, &pieces)) => {
                if let Ok(Err(error)) = written {
                    tracing::warn!(error = &error as &dyn std::error::Error, "an export broke off");
                }
            }
        }
    });
    // Only what says so is whole.
    stream::unfold(Some(taken), |taken| async move {
        let mut taken = taken?;
        match taken.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(taken))),
            Some(Piece::End) => None,
            None => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
        }
    })
}

enum Piece {
    Bytes(Bytes),
    End,
}

async fn write<S>(shares: Vec<S>, to: &mpsc::Sender<Piece>) -> io::Result<()>
where
    S: Stream<Item = Result<ReadExportResponse, Status>> + Send + Unpin + 'static,
{
    let nobody_reads = |_| io::Error::from(io::ErrorKind::BrokenPipe);
    let written = Written::default();
    let mut archive = Archive { zip: ZipWriter::new_stream(written.clone()), open: String::new() };
    for mut share in shares {
        while let Some(part) = share.next().await {
            let part = part.map_err(|status| io::Error::other(status.message().to_owned()))?;
            // Compressing is work for a thread of its own.
            archive = tokio::task::spawn_blocking(move || archive.add(&part)).await.map_err(io::Error::other)??;
            if let Some(bytes) = written.take(PIECE) {
                to.send(Piece::Bytes(bytes)).await.map_err(nobody_reads)?;
            }
        }
    }
    archive.zip.finish()?;
    if let Some(bytes) = written.take(1) {
        to.send(Piece::Bytes(bytes)).await.map_err(nobody_reads)?;
    }
    to.send(Piece::End).await.map_err(nobody_reads)
}

struct Archive {
    zip: ZipWriter<StreamWriter<Written>>,
    /// The file that is being written.
    open: String,
}

impl Archive {
    fn add(mut self, part: &ReadExportResponse) -> io::Result<Self> {
        // A file of more than 4 GiB is told apart before it is known.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
        if part.file != self.open {
            self.zip.start_file(part.file.as_str(), options)?;
            self.open.clone_from(&part.file);
        }
        self.zip.write_all(&part.lines)?;
        Ok(self)
    }
}

/// What was written and is not sent yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// All of it, once there is so much.
    fn take(&self, least: usize) -> Option<Bytes> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (written.len() >= least).then(|| std::mem::take(&mut *written).into())
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use futures::stream;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

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
        let pieces: Vec<_> = super::stream(shares, (), LONG, &Shutdown::default()).collect().await;
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
        let pieces: Vec<_> = super::stream(shares, (), LONG, &Shutdown::default()).collect().await;
        assert!(pieces.last().is_some_and(Result::is_err));
    }

    /// Whoever takes it too slowly gets no more of it, and keeps nobody's place.
    #[tokio::test]
    async fn what_is_not_taken_in_time_breaks_off_and_gives_its_place_back() {
        let id = chatdesk_platform::new_id;
        let parts = stream::repeat_with(move || {
            let text: String = (0..2000).map(|_| id().to_string()).collect();
            part("a.ndjson", &text)
        });
        let (place, given_back) = tokio::sync::oneshot::channel::<()>();
        let shares = vec![Box::pin(parts)];
        let pieces = super::stream(shares, place, Duration::from_millis(200), &Shutdown::default());
        assert!(given_back.await.is_err(), "the place is given back though nobody reads");
        let pieces: Vec<_> = pieces.collect().await;
        assert!(pieces.len() <= 3 && pieces.last().is_some_and(Result::is_err), "{}", pieces.len());
    }
}
