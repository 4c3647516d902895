//! `<SendApiPairing/>`, and what it shares with the JavaScript face.

use std::rc::Rc;

use leptos::{html::div, prelude::*};
use sendapi_pairing_core::{
    model::{PhoneNumber, SessionId},
    pairing::{Act, Config, Event, Policy, Trigger},
};

pub use super::state::Look;
use super::{
    screen::Settings,
    slots::{Slots, fill},
    state::{State, presses},
    text::Strings,
    view::view,
};
use crate::driver::{
    Backend, Driver, Listener, Observer, OnScreen, Options, Source, Transport, View,
};

/// What of a configuration the words depend on.
pub(crate) fn settings_of(config: &Config) -> Settings {
    Settings {
        drawn: false,
        session_name: config.session_name.clone(),
        expected_phone: config.expected_phone.clone(),
    }
}

type Listen = Box<dyn Fn(&Event) -> bool>;

struct ComponentObserver {
    state: ArcRwSignal<State>,
    on_event: Option<Listen>,
}

impl Observer for ComponentObserver {
    fn event(&self, event: &Event) -> bool {
        self.on_event.as_ref().is_none_or(|listen| listen(event))
    }

    fn changed(&self, view: &View<'_>) {
        self.state.update(|state| state.show(view));
    }
}

/// Links a WhatsApp number: creates a session, draws its code, refreshes it, polls until the phone is connected, and goes on through
/// reloads, sleep and network loss.
///
/// The properties are the element's, but for `policy` (its intervals and `max-refreshes`), `forget` (`persist="none"`), `look` (`theme`,
/// `layout`, and who asks) and `token` (`getToken`). They are read once; to change the endpoint or the session, key the component by it.
///
/// On a server (feature `ssr`) the box is rendered without a code and without any request; the page that it is in brings its
/// style as [`stylesheet`](super::stylesheet). A browser (feature `hydrate`) takes those nodes over and begins.
///
/// What the element does on a phone's screen (the offer to send the page to another one) and for a code drawn too small (a dialog) is
/// JavaScript of the element's package, and not in the component: give `slots` what your page offers there.
#[component]
pub fn SendApiPairing(
    /// Base URL; the routes are `{endpoint}/sessions…`.
    #[prop(into)]
    endpoint: String,
    /// Resume this session instead of creating one.
    #[prop(optional)]
    session_id: Option<SessionId>,
    /// `name` on create.
    #[prop(optional, into)]
    session_name: Option<String>,
    /// `webhook_url` on create.
    #[prop(optional, into)]
    webhook_url: Option<String>,
    /// `same-origin`, `include` or `omit`.
    #[prop(optional, into)]
    credentials: String,
    /// When the first request goes out.
    #[prop(optional)]
    trigger: Option<Trigger>,
    /// The intervals.
    #[prop(optional)]
    policy: Option<Policy>,
    /// Another number that connects is shown as a mismatch.
    #[prop(optional)]
    expected_phone: Option<PhoneNumber>,
    /// Offer to unlink.
    #[prop(optional)]
    allow_unlink: bool,
    /// An opaque id of the signed-in user.
    #[prop(optional, into)]
    persist_key: String,
    /// Do not resume after a reload.
    #[prop(optional)]
    forget: bool,
    /// Brings a short-lived bearer token.
    #[prop(optional)]
    token: Option<Source>,
    /// Brings further request headers.
    #[prop(optional)]
    headers: Option<Source>,
    /// Another way to the service.
    #[prop(optional)]
    transport: Option<Transport>,
    /// Other words.
    #[prop(optional)]
    strings: Strings,
    /// Theme, layout, and who asks.
    #[prop(optional)]
    look: Look,
    /// Views in place of ours; mounted in a browser, once the box is there.
    #[prop(optional)]
    slots: Slots,
    /// Told of every event; `false` cancels one that can be cancelled.
    #[prop(optional)]
    on_event: Option<Listen>,
) -> impl IntoView {
    let default = Config::default();
    let options = Options {
        backend: Backend {
            endpoint,
            credentials,
            token,
            headers,
            transport,
        },
        persist_key,
        reader: None,
        config: Config {
            session_name: session_name.unwrap_or(default.session_name),
            webhook_url,
            session_id,
            trigger: trigger.unwrap_or(default.trigger),
            expected_phone,
            allow_unlink,
            persist: !forget,
            policy: policy.unwrap_or(default.policy),
        },
    };
    let settings = settings_of(&options.config);
    let state = ArcRwSignal::new(State::skeleton(strings, look, settings));
    let observer = ComponentObserver {
        state: state.clone(),
        on_event,
    };
    let place = NodeRef::<leptos::html::Div>::new();
    // What is about a browser belongs to one thread. A server has nothing to drive, and may end a request on another thread than the one
    // it was begun on.
    if cfg!(target_family = "wasm") {
        run(place, options, observer, slots);
    }
    div()
        .class("sendapi-pairing")
        .node_ref(place)
        .child(view(state))
}

/// Runs the pairing from when the nodes are there until the component is no more.
fn run(
    place: NodeRef<leptos::html::Div>,
    options: Options,
    observer: ComponentObserver,
    slots: Slots,
) {
    let running = StoredValue::new_local(None::<(Driver, Option<OnScreen>, Listener, Vec<_>)>);
    let act = move |act: Act| {
        running.with_value(|running| {
            if let Some((driver, ..)) = running {
                driver.act(act);
            }
        });
    };
    let made = StoredValue::new_local(Some((options, observer, slots)));
    Effect::new(move |_| {
        let Some(element) = place.get() else { return };
        let Some((options, observer, slots)) = made.try_update_value(Option::take).flatten() else {
            return;
        };
        #[cfg(not(feature = "js"))]
        {
            super::style::adopt();
            observer.state.update(State::name_site);
        }
        let state = observer.state.clone();
        let started = Driver::new(options, Rc::new(observer), false);
        let watched = started.watch(&element);
        started.mount();
        let presses = presses(&element, state, act);
        running.set_value(Some((started, watched, presses, fill(&element, slots))));
    });
}
