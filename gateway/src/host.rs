//! The sandbox over real HTTP: `/v1/…` and `/sandbox/…`, faults of the transport included.

use crate::server::refusal;
use crate::upstream::Shared;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use sendapi_sandbox::{Effect, Method};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

const BODY_MAX: usize = 64 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);

/// In a response's extensions: the server must close the connection without a byte of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hangup;

/// Answers one request from the sandbox, as late and as broken as its effect asks.
pub(crate) async fn answer(sandbox: &Shared, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_MAX).collect();
    let Ok(Ok(body)) = tokio::time::timeout(BODY_TIME, body).await else {
        return refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is too large or too slow.",
        );
    };
    let body = body.to_bytes();
    let text = |name: HeaderName| head.headers.get(name).and_then(|v| v.to_str().ok());
    let answer = sandbox.handle(&sendapi_sandbox::Request {
        method: Method::parse(head.method.as_str()),
        path: head.uri.path(),
        query: head.uri.query(),
        authorization: text(header::AUTHORIZATION),
        idempotency_key: text(HeaderName::from_static("idempotency-key")),
        body: &body,
    });
    if let Effect::Delay(ms) = answer.effect {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let mut response = match answer.effect {
        Effect::Truncate(keep) => Response::new(Body::new(Cut::new(&answer.body, keep))),
        _ => Response::new(Body::from(answer.body)),
    };
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if answer.effect == Effect::Drop {
        response.extensions_mut().insert(Hangup);
    }
    response
}

/// A body that announces its whole length and breaks off before it.
struct Cut {
    length: u64,
    part: Option<Bytes>,
    flushed: bool,
}

impl Cut {
    fn new(whole: &[u8], keep: usize) -> Self {
        Self {
            length: whole.len() as u64,
            part: Some(Bytes::copy_from_slice(&whole[..keep.min(whole.len())])),
            flushed: false,
        }
    }
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if !self.flushed {
            // hyper flushes what it has when a body is pending; an error at once would lose the first part.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("cut by a fault"))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
