//! The page, in both its places: rendered by the server, taken over by the browser.

use leptos::prelude::*;
use sendapi_pairing::{SendApiPairing, core::pairing::Event};

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let number = RwSignal::new(None);
    let hear = move |event: &Event| {
        if let Event::Connected { phone_number, .. } = event {
            number.set(phone_number.as_ref().map(|it| it.as_str().to_owned()));
        }
        true
    };
    view! {
        <h1>"Support by WhatsApp"</h1>
        <SendApiPairing endpoint="/api/whatsapp" session_name="Support Bot" on_event=Box::new(hear)/>
        <p id="number">{move || number.get().unwrap_or_else(|| "No number yet.".to_owned())}</p>
    }
}

/// The document around it.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <title>"Link WhatsApp"</title>
                <link rel="icon" href="data:,"/>
                <link rel="stylesheet" href="/sendapi-pairing.css"/>
                <HydrationScripts options/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Takes the page over: called by the script that the shell brings.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    leptos::mount::hydrate_body(App);
}
