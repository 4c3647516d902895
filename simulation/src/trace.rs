//! One line for each thing that a core wants done.

use sendapi_pairing_core::{
    api::Call,
    pairing::{Event, Output},
};

pub(crate) fn name(output: &Output) -> String {
    match output {
        Output::Send { ask, call } => {
            let what = match call {
                Call::Create { .. } => "POST create",
                Call::Get { fresh: true, .. } => "GET session, fresh",
                Call::Get { .. } => "GET session",
                Call::Qr { .. } => "GET qr",
                Call::Delete { .. } => "DELETE session",
                Call::List { .. } => "GET list",
            };
            format!("sends {what} (ask {})", ask.0)
        }
        Output::Read { ask, .. } => format!("has a code read (ask {})", ask.0),
        Output::Abort { ask, .. } => format!("aborts ask {}", ask.0),
        Output::RenewToken => "asks for a token".into(),
        Output::Store(slot) => format!(
            "stores id: {}, key: {}",
            slot.session_id.is_some(),
            slot.idempotency_key.is_some()
        ),
        Output::Lead { wanted, .. } => format!("wants to lead: {wanted}"),
        Output::Tell(message) => format!("tells {message:?}"),
        Output::Event(Event::PhaseChange { phase, .. }) => format!("is {}", phase.as_str()),
        Output::Event(Event::Error(error)) => format!("error {}", error.code.as_str()),
        Output::Event(Event::Connected { resumed, .. }) => format!("connected, resumed: {resumed}"),
        Output::Event(event) => {
            let text = format!("{event:?}");
            text.split(" {").next().unwrap_or_default().to_owned()
        }
    }
}
