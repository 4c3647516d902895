//! A connection that gives each request's head a deadline, an idle keep-alive a longer one, and a client that does not take its
//! answer another.
//!
//! hyper's own head timeout also runs while a connection idles between requests. At 5 s it would close just when a widget that
//! polls every 5 s sends its next request, so that the two deadlines must be told apart here.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may take over a request's head, counted from the connection or from the head's first byte.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection may idle between requests.
const IDLE_TIME: Duration = Duration::from_secs(75);

/// How long a client may leave an answer untaken: not one byte of it in this time.
const WRITE_TIME: Duration = Duration::from_secs(10);

/// Told by the service when a head was complete and when its answer began.
#[derive(Clone, Debug, Default)]
pub(super) struct Phase(Arc<AtomicBool>);

impl Phase {
    /// The head is complete: what is read now is a body.
    pub(super) fn answering(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The answer is on its way: what is read next is another head.
    pub(super) fn answered(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn is_answering(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Head,
    Answer,
    Idle,
}

/// The stream with its deadline.
pub(super) struct Timed<S> {
    stream: S,
    phase: Phase,
    waiting: Waiting,
    deadline: Pin<Box<Sleep>>,
    /// Set while the client takes nothing.
    untaken: Option<Pin<Box<Sleep>>>,
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, phase: Phase) -> Self {
        Self {
            stream,
            phase,
            waiting: Waiting::Head,
            deadline: Box::pin(sleep_until(Instant::now() + HEAD_TIME)),
            untaken: None,
        }
    }

    /// What a write came to, or an error when the client has taken nothing for too long.
    fn watched<T>(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.untaken = None;
            return wrote;
        }
        let untaken = self
            .untaken
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + WRITE_TIME)));
        untaken
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn wait_for(&mut self, waiting: Waiting, time: Duration) {
        self.waiting = waiting;
        self.deadline.as_mut().reset(Instant::now() + time);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.phase.is_answering() {
            self.waiting = Waiting::Answer;
        } else if self.waiting == Waiting::Answer {
            self.wait_for(Waiting::Idle, IDLE_TIME);
        }
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buffer) {
            Poll::Pending => {}
            ready => {
                if self.waiting == Waiting::Idle && buffer.filled().len() > before {
                    self.wait_for(Waiting::Head, HEAD_TIME);
                }
                // A client that trickles bytes is ready each time it is looked at.
                if self.waiting == Waiting::Head && self.deadline.deadline() <= Instant::now() {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                return ready;
            }
        }
        if self.waiting == Waiting::Answer {
            return Poll::Pending;
        }
        self.deadline
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, wrote)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watched(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    fn timed() -> (Timed<DuplexStream>, DuplexStream, Phase) {
        let (near, far) = duplex(64);
        let phase = Phase::default();
        (Timed::new(near, phase.clone()), far, phase)
    }

    async fn cut_off_after(timed: &mut Timed<DuplexStream>) -> Duration {
        let start = Instant::now();
        loop {
            let read = timed.read(&mut [0; 8]).await;
            if let Err(error) = read {
                assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                return start.elapsed();
            }
        }
    }

    /// Within the resolution of tokio's timers.
    fn about(took: Duration, expected: Duration) -> bool {
        took >= expected && took < expected + Duration::from_millis(1100)
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_five_seconds_whether_nothing_comes_or_a_byte_at_a_time() {
        let (mut silent, _far, _) = timed();
        let took = cut_off_after(&mut silent).await;
        assert!(about(took, HEAD_TIME), "{took:?}");

        let (mut trickle, mut far, _) = timed();
        tokio::spawn(async move {
            while far.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let took = cut_off_after(&mut trickle).await;
        assert!(about(took, HEAD_TIME), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answered_connection_may_idle_and_the_next_head_has_five_seconds_again() {
        let (mut timed, mut far, phase) = timed();
        far.write_all(b"one").await.unwrap();
        assert_eq!(timed.read(&mut [0; 8]).await.unwrap(), 3);
        phase.answering();
        let mut rest = [0; 8];
        let waiting = tokio::time::timeout(Duration::from_secs(60), timed.read(&mut rest));
        assert!(
            waiting.await.is_err(),
            "no deadline while an answer is made"
        );
        phase.answered();
        let almost = IDLE_TIME - Duration::from_secs(1);
        let idle = tokio::time::timeout(almost, timed.read(&mut rest));
        assert!(idle.await.is_err());
        far.write_all(b"two").await.unwrap();
        let took = cut_off_after(&mut timed).await;
        assert!(about(took, HEAD_TIME), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_taken_ends_the_connection_and_a_slow_reader_does_not() {
        let (mut stuck, _far, _) = timed();
        let start = Instant::now();
        let error = stuck.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(about(start.elapsed(), WRITE_TIME));

        let (mut slow, mut far, _) = timed();
        let reader = tokio::spawn(async move {
            loop {
                tokio::time::sleep(WRITE_TIME - Duration::from_secs(1)).await;
                if far.read(&mut [0; 64]).await.unwrap() == 0 {
                    break;
                }
            }
        });
        slow.write_all(&[0; 300]).await.unwrap();
        drop(slow);
        reader.await.unwrap();
    }
}
