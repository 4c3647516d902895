//! The listener: connections under limits, and an orderly end.

mod framing;
mod timed;

use crate::host::Hangup;
use axum::Router;
use axum::body::Body;
use framing::Framing;
pub(crate) use framing::refusal;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use timed::{Phase, Timed};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// The largest head: request line and all headers.
const HEAD_MAX: usize = 32 * 1024;
/// How long open requests may take to finish after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` resolves, then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    max_connections: usize,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(max_connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(HEAD_MAX);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        // Small answers must not wait for the client's delayed acknowledgement; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let app = app.clone();
        let phase = Phase::default();
        let seen = phase.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let app = app.clone();
            let phase = seen.clone();
            phase.answering();
            async move {
                let framing = Framing::of(&request);
                let mut response = match framing.refusal() {
                    Some(refusal) => refusal,
                    None => {
                        framing::settle_host(&mut request);
                        match app.oneshot(request.map(Body::new)).await {
                            Ok(response) => response,
                            Err(never) => match never {},
                        }
                    }
                };
                framing.finish(&mut response);
                phase.answered();
                match response.extensions().get::<Hangup>() {
                    Some(Hangup) => Err(io::Error::other("dropped by a fault")),
                    None => Ok(response),
                }
            }
        });
        let connection = graceful
            .watch(builder.serve_connection(TokioIo::new(Timed::new(stream, phase)), service));
        tokio::spawn(async move {
            // A broken connection is the client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// Out of file descriptors, accept fails at once and again: without a pause that would spin.
async fn pause_after(error: &io::Error) {
    let of_one_connection = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    );
    if !of_one_connection {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
