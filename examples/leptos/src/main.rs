//! The page.

use leptos::{mount::mount_to_body, prelude::*};
use sendapi_pairing::{SendApiPairing, core::pairing::Event};

fn main() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let number = RwSignal::new(None);
    let hear = move |event: &Event| {
        if let Event::Connected { phone_number, .. } = event {
            number.set(phone_number.as_ref().map(|it| it.as_str().to_owned()));
        }
        true
    };
    view! {
        <SendApiPairing endpoint="/api/whatsapp" session_name="Support Bot" on_event=Box::new(hear)/>
        <p id="number">{move || number.get().unwrap_or_else(|| "No number yet.".to_owned())}</p>
    }
}
