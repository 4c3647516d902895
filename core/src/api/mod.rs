//! SendAPI's five session routes: a question becomes the parts of an HTTP request, the parts of an HTTP answer become a result.
//!
//! No I/O. A host sends what [`Call`] describes, reads status and headers into a [`Head`] and the JSON into a [`Body`] (any
//! `serde::Deserializer` will do), and gets from [`Call::interpret`] either an [`Answer`] or a [`Failure`].

mod answer;
mod body;
mod call;
mod head;
mod interpret;

pub use answer::{Answer, CodeOffer, List, QrPayload};
pub use body::Body;
pub use call::{Call, Method};
pub use head::Head;
pub use interpret::{Failure, Unreadable};
