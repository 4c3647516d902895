//! The nouns of the contract: a session, its id, its status, its number, its times.

mod id;
mod phone;
mod session;
mod timestamp;

pub use id::SessionId;
pub use phone::PhoneNumber;
pub use session::{Session, Status};
pub use timestamp::Timestamp;
