//! In a real browser: the wire contract as the browser's own JSON reader sees it, and the component over a scripted service.

#![allow(clippy::unwrap_used, reason = "clippy takes only `#[test]` for a test")]

#[path = "../core/fixtures/suite.rs"]
mod suite;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, JSON, Promise};
use leptos::{mount::mount_to, prelude::*};
use sendapi_pairing::{
    SendApiPairing,
    core::{
        api::Call,
        error::ErrorCode,
        pairing::{Event, Phase, Policy, Trigger},
        time::Millis,
    },
    driver::{Transport, parse_json},
    ui::Slots,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

const TEXT: &str = "2@c2VuZGFwaQ==,a2V5,aWQ=,c2VjcmV0";

#[wasm_bindgen_test]
fn every_answer_of_the_fixtures_is_understood_here_too() {
    suite::run(parse_json);
}

/// A service that answers from a script, and counts what it was asked.
#[derive(Clone)]
struct Service {
    status: Rc<Cell<&'static str>>,
    asked: Rc<RefCell<Vec<&'static str>>>,
}

impl Service {
    fn new() -> Self {
        Self {
            status: Rc::new(Cell::new("pending")),
            asked: Rc::default(),
        }
    }

    fn transport(&self) -> Transport {
        let service = self.clone();
        Transport::new(move |call, _| {
            let (name, more) = match call {
                Call::Create { .. } => ("create", format!(r#","qr_code":"{TEXT}""#)),
                Call::Qr { .. } => ("qr", format!(r#","qr_code":"{TEXT}+""#)),
                Call::Delete { .. } => ("delete", String::new()),
                _ => ("get", String::new()),
            };
            service.asked.borrow_mut().push(name);
            let status = service.status.get();
            let json = format!(
                r#"{{"id":"sess_1","name":"<b>Bot</b>","status":"{status}","phone_number":"+447700900123"{more}}}"#
            );
            Promise::resolve(&JSON::parse(&json).unwrap())
        })
    }

    fn asked(&self, name: &str) -> usize {
        self.asked
            .borrow()
            .iter()
            .filter(|one| **one == name)
            .count()
    }
}

/// A component in the page, and a promise for each event that a test waits for.
struct Page {
    root: HtmlElement,
    seen: Rc<RefCell<Vec<Event>>>,
    wake: Rc<RefCell<Option<js_sys::Function>>>,
}

impl Page {
    fn new() -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let root: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        document.body().unwrap().append_child(&root).unwrap();
        Self {
            root,
            seen: Rc::default(),
            wake: Rc::default(),
        }
    }

    fn listener(&self) -> Box<dyn Fn(&Event) -> bool> {
        let (seen, wake) = (Rc::clone(&self.seen), Rc::clone(&self.wake));
        Box::new(move |event| {
            seen.borrow_mut().push(event.clone());
            if let Some(wake) = &*wake.borrow() {
                wake.call0(&JsValue::UNDEFINED).unwrap();
            }
            true
        })
    }

    async fn until(&self, wanted: impl Fn(&Event) -> bool) {
        while !self.seen.borrow().iter().any(&wanted) {
            let wake = Rc::clone(&self.wake);
            let next = Promise::new(&mut |resolve, _| {
                wake.replace(Some(resolve));
            });
            JsFuture::from(next).await.unwrap();
        }
        // Signals reach the nodes in a microtask of their own, and they run in order.
        for _ in 0..3 {
            JsFuture::from(Promise::resolve(&JsValue::UNDEFINED))
                .await
                .unwrap();
        }
    }

    fn phase(&self) -> String {
        let base = self.find("[part=base]").unwrap();
        base.get_attribute("data-phase").unwrap()
    }

    fn find(&self, selector: &str) -> Option<Element> {
        self.root.query_selector(selector).unwrap()
    }
}

fn quick() -> Policy {
    Policy {
        poll_interval: Millis(20),
        ..Policy::default()
    }
}

fn draws(event: &Event) -> bool {
    matches!(event, Event::Qr { .. })
}

#[wasm_bindgen_test]
async fn a_code_is_drawn_as_one_path_and_its_text_is_nowhere() {
    let (page, service) = (Page::new(), Service::new());
    let (transport, listen) = (service.transport(), page.listener());
    let handle = mount_to(page.root.clone(), move || {
        view_of(transport, listen, Policy::default())
    });
    page.until(draws).await;
    assert_eq!(page.phase(), "awaiting-scan");
    let code = page.find("svg[part=qr]").unwrap();
    assert_eq!(code.get_attribute("role").as_deref(), Some("img"));
    assert_eq!(code.inner_html().matches("<path").count(), 1);
    let html = page.root.inner_html();
    assert!(!html.contains("2@") && !html.contains("c2VjcmV0"), "{html}");
    assert!(
        html.contains("&lt;b&gt;Bot&lt;/b&gt;"),
        "the name is text: {html}"
    );
    assert_eq!(service.asked("create"), 1);
    drop(handle);
}

#[wasm_bindgen_test]
async fn a_scan_wipes_the_code_and_shows_the_number() {
    let (page, service) = (Page::new(), Service::new());
    let (transport, listen) = (service.transport(), page.listener());
    let handle = mount_to(page.root.clone(), move || {
        view_of(transport, listen, quick())
    });
    page.until(draws).await;
    service.status.set("connected");
    page.until(|event| matches!(event, Event::Connected { .. }))
        .await;
    assert_eq!(page.phase(), Phase::Connected.as_str());
    assert!(page.find("svg[part=qr]").is_none());
    let phone = page.find("[part=phone]").unwrap();
    assert_eq!(
        phone.text_content().unwrap().replace('\u{a0}', " "),
        "+44 7700 900123"
    );
    assert_eq!(phone.get_attribute("dir").as_deref(), Some("ltr"));
    let connected = page
        .seen
        .borrow()
        .iter()
        .filter(|event| matches!(event, Event::Connected { .. }))
        .count();
    assert_eq!(connected, 1);
    drop(handle);
}

#[wasm_bindgen_test]
async fn unmounting_ends_every_request_and_deletes_nothing() {
    let (page, service) = (Page::new(), Service::new());
    let (transport, listen) = (service.transport(), page.listener());
    let handle = mount_to(page.root.clone(), move || {
        view_of(transport, listen, quick())
    });
    page.until(draws).await;
    drop(handle);
    assert_eq!(page.root.child_element_count(), 0);
    let before = service.asked.borrow().len();
    // Ten intervals in which a poll that was left behind would show itself.
    let window = web_sys::window().unwrap();
    let pause = Promise::new(&mut |resolve, _| {
        window
            .set_timeout_with_callback_and_timeout_and_arguments(&resolve, 200, &Array::new())
            .unwrap();
    });
    JsFuture::from(pause).await.unwrap();
    assert_eq!(service.asked.borrow().len(), before);
    assert_eq!(service.asked("delete"), 0);
}

#[wasm_bindgen_test]
async fn a_click_asks_for_another_code() {
    let (page, service) = (Page::new(), Service::new());
    let (transport, listen) = (service.transport(), page.listener());
    let handle = mount_to(page.root.clone(), move || {
        view_of(transport, listen, Policy::default())
    });
    page.until(draws).await;
    let first = page.find("svg[part=qr] path").unwrap().get_attribute("d");
    let button: HtmlElement = page
        .find("[part~=refresh-button]")
        .unwrap()
        .unchecked_into();
    page.seen.borrow_mut().clear();
    button.click();
    // The old one is gone before the new one is asked for (invariant 3).
    let gone = page.find("svg[part=qr]").is_none() || service.asked("qr") == 0;
    assert!(gone);
    page.until(draws).await;
    assert_eq!(service.asked("qr"), 1);
    assert_ne!(
        page.find("svg[part=qr] path").unwrap().get_attribute("d"),
        first
    );
    drop(handle);
}

#[wasm_bindgen_test]
async fn a_key_in_the_endpoint_goes_nowhere() {
    let page = Page::new();
    let listen = page.listener();
    let handle = mount_to(page.root.clone(), move || {
        SendApiPairing(
            sendapi_pairing::ui::SendApiPairingProps::builder()
                .endpoint("https://pairing.test/?key=sk_live_0123456789")
                .trigger(Trigger::Load)
                .forget(true)
                .on_event(listen)
                .build(),
        )
    });
    // Had a request gone out, this would be a network that cannot be reached.
    page.until(
        |event| matches!(event, Event::Error(error) if error.code == ErrorCode::SecretKeyRejected),
    )
    .await;
    assert_eq!(page.phase(), "error");
    assert!(!page.root.inner_html().contains("sk_live"));
    drop(handle);
}

#[wasm_bindgen_test]
async fn slots_stand_in_place_of_ours_in_their_phases() {
    let (page, service) = (Page::new(), Service::new());
    let (transport, listen) = (service.transport(), page.listener());
    let own = |words: &'static str| Some(ViewFn::from(move || words));
    let slots = Slots {
        heading: own("own heading"),
        connected: own("own connected"),
        error: own("own error"),
        ..Slots::default()
    };
    let handle = mount_to(page.root.clone(), move || {
        SendApiPairing(
            sendapi_pairing::ui::SendApiPairingProps::builder()
                .endpoint("https://pairing.test")
                .transport(transport)
                .trigger(Trigger::Load)
                .forget(true)
                .policy(quick())
                .on_event(listen)
                .slots(slots)
                .build(),
        )
    });
    page.until(draws).await;
    let seen = || page.root.inner_text();
    assert!(seen().contains("own heading"), "{}", seen());
    assert!(!seen().contains("Link WhatsApp"), "{}", seen());
    assert!(!seen().contains("own connected") && !seen().contains("own error"));
    assert!(seen().contains("Undo it any time"), "an empty slot is ours");
    service.status.set("connected");
    page.until(|event| matches!(event, Event::Connected { .. }))
        .await;
    assert!(seen().contains("own connected") && !seen().contains("own error"));
    drop(handle);
    assert_eq!(page.root.child_element_count(), 0);
}

fn view_of(
    transport: Transport,
    listen: Box<dyn Fn(&Event) -> bool>,
    policy: Policy,
) -> impl IntoView {
    SendApiPairing(
        sendapi_pairing::ui::SendApiPairingProps::builder()
            .endpoint("https://pairing.test")
            .transport(transport)
            .trigger(Trigger::Load)
            .forget(true)
            .policy(policy)
            .on_event(listen)
            .build(),
    )
}
