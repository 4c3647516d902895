//! A connection that gives each request's head a deadline, and an idle keep-alive a longer one.
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
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may take over a request's head, counted from the connection or from the head's first byte.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection may idle between requests.
const IDLE_TIME: Duration = Duration::from_secs(75);

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
pub(super) struct Timed {
    stream: TcpStream,
    phase: Phase,
    waiting: Waiting,
    deadline: Pin<Box<Sleep>>,
}

impl Timed {
    pub(super) fn new(stream: TcpStream, phase: Phase) -> Self {
        Self {
            stream,
            phase,
            waiting: Waiting::Head,
            deadline: Box::pin(sleep_until(Instant::now() + HEAD_TIME)),
        }
    }

    fn wait_for(&mut self, waiting: Waiting, time: Duration) {
        self.waiting = waiting;
        self.deadline.as_mut().reset(Instant::now() + time);
    }
}

impl AsyncRead for Timed {
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

impl AsyncWrite for Timed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
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
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
