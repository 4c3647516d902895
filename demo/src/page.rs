//! The page's state, and what changes it.

use crate::backstage::{Backstage, Refusal};
use crate::camera;
use crate::controls::{Control, Delete};
use crate::decoder::{self, Picture};
use crate::devices::Devices;
use crate::in_page::InPage;
use crate::journal::Journal;
use crate::mode::Mode;
use crate::phone::{Lens, Why};
use crate::service::Service;
use crate::ui;
use crate::widget::Widget;
use gloo_net::http::Request;
use js_sys::{JSON, Promise};
use leptos::html::Canvas;
use leptos::prelude::*;
use sendapi_pairing_core::pairing::Phase;
use serde_json::Value;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlCanvasElement;

/// A camera needs a moment to open, in milliseconds.
const FOCUS_MS: i32 = 500;
/// How often it looks before it gives up, and how long between two looks.
const LOOKS: u32 = 6;
const LOOK_MS: i32 = 350;
/// How long the phone shows that it has read a code.
const CAUGHT_MS: i32 = 700;
/// How often the element looks at a connected session here, in seconds. Its own default of 30 is right for products and long for
/// somebody who has just pressed a button.
const WATCH_S: &str = "3";

/// Handles to the page's signals.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) mode: RwSignal<Option<Mode>>,
    pub(crate) phase: RwSignal<Phase>,
    pub(crate) service: RwSignal<Service>,
    pub(crate) journal: RwSignal<Journal>,
    pub(crate) devices: RwSignal<Devices>,
    pub(crate) lens: RwSignal<Lens>,
    /// What came of the control used last.
    pub(crate) notice: RwSignal<&'static str>,
    /// Where the phone shows what its camera sees.
    pub(crate) finder: NodeRef<Canvas>,
    /// Counts openings and closings of the camera: what belongs to an older one is dropped.
    turn: StoredValue<u32>,
    /// A new session is to follow as soon as the old one has ended.
    renewing: StoredValue<bool>,
    widget: StoredValue<Widget, LocalStorage>,
    backstage: StoredValue<Option<Backstage>, LocalStorage>,
}

thread_local! {
    /// What the page owns for as long as it lives.
    static KEPT: RefCell<Vec<Box<dyn std::any::Any>>> = const { RefCell::new(Vec::new()) };
}

/// Keeps something for as long as the page lives.
pub(crate) fn keep(thing: impl std::any::Any) {
    KEPT.with(|kept| kept.borrow_mut().push(Box::new(thing)));
}

/// Fills the page's islands, finds out who answers, and lets the element begin.
pub(crate) fn run() {
    let Some(widget) = Widget::find() else {
        return;
    };
    let owner = Owner::new();
    let page = owner.with(|| Page::new(widget.clone()));
    keep(owner);
    ui::mount(page);
    widget.listen(move |name, detail| page.hear(name, detail));
    spawn_local(async move {
        page.begin(&widget, ask_mode().await).await;
    });
}

async fn ask_mode() -> Mode {
    let answer = async {
        let response = Request::get("demo/mode").send().await.ok()?;
        Some((response.status(), response.text().await.ok()?))
    };
    let answer = answer.await;
    Mode::of_answer(
        answer
            .as_ref()
            .map(|(status, body)| (*status, body.as_str())),
    )
}

async fn pause(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        // Without a timer the page would merely not wait.
        if window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms)
            .is_err()
        {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    // A promise that only resolves.
    let _ = JsFuture::from(promise).await;
}

impl Page {
    fn new(widget: Widget) -> Self {
        Self {
            mode: RwSignal::new(None),
            phase: RwSignal::new(Phase::Idle),
            service: RwSignal::new(Service::None),
            journal: RwSignal::new(Journal::default()),
            devices: RwSignal::new(Devices::default()),
            lens: RwSignal::new(Lens::Closed),
            notice: RwSignal::new(""),
            finder: NodeRef::new(),
            turn: StoredValue::new(0),
            renewing: StoredValue::new(false),
            widget: StoredValue::new_local(widget),
            backstage: StoredValue::new_local(None),
        }
    }

    /// The element's requests must find their way before its module is loaded: it begins by itself.
    async fn begin(self, widget: &Widget, mode: Mode) {
        let backstage = match mode {
            Mode::Sandbox => Some(Backstage::Gateway),
            Mode::InPage => {
                let sandbox = InPage::new();
                widget.set("transport", &sandbox.transport());
                Some(Backstage::InPage(sandbox))
            }
            Mode::Live => None,
        };
        if backstage.is_some() {
            widget.set_attribute("watch-interval", WATCH_S);
        }
        self.backstage.set_value(backstage);
        self.mode.set(Some(mode));
        if let Some(root) = document().document_element() {
            // The name is valid.
            let _ = root.set_attribute("data-mode", mode.as_str());
        }
        if widget.define().await.is_err() {
            widget
                .replace_by_words("The element could not be loaded. Reload the page to try again.");
        }
    }

    fn hear(self, name: &str, detail: &JsValue) {
        let text = JSON::stringify(detail)
            .ok()
            .and_then(|text| text.as_string());
        let detail: Value = text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        self.journal
            .update(|journal| journal.add(time_of_day(), name, &detail));
        let session = detail["sessionId"].as_str();
        match (name, session) {
            ("sendapi-phase-change", _) => self.follow(&detail),
            // A reload made this page forget what its phone had linked.
            ("sendapi-connected", Some(id)) if detail["resumed"] == true => {
                let name = self.widget.with_value(Widget::session_name);
                self.devices.update(|devices| devices.link(id, &name));
            }
            ("sendapi-unlinked", Some(id)) => self.devices.update(|devices| devices.unlink(id)),
            _ => {}
        }
    }

    fn follow(self, detail: &Value) {
        let phase = Phase::ALL
            .into_iter()
            .find(|phase| detail["phase"] == phase.as_str());
        let Some(phase) = phase else { return };
        self.phase.set(phase);
        self.learn(self.service.get_untracked().after(phase));
        self.notice.set("");
        let rests = matches!(
            phase,
            Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error
        );
        if rests && self.renewing.get_value() {
            self.start_fresh();
        }
    }

    fn learn(self, service: Service) {
        self.service.set(service);
        if let Some(id) = self.widget.with_value(Widget::session_id) {
            self.devices.update(|devices| devices.follow(&id, service));
        }
    }

    /// Another session in place of this one, which is deleted where nobody has scanned it.
    fn renew(self) {
        match self.phase.get_untracked() {
            Phase::Idle | Phase::Failed | Phase::Unlinked | Phase::Error => self.start_fresh(),
            _ => {
                self.renewing.set_value(true);
                self.widget
                    .with_value(|widget| widget.call("stop", Some("discard")));
            }
        }
    }

    fn start_fresh(self) {
        self.renewing.set_value(false);
        // Not from inside the event that told of the end.
        spawn_local(async move {
            self.widget
                .with_value(|widget| widget.call("start", Some("fresh")));
        });
    }

    /// Uses a control.
    pub(crate) fn control(self, control: Control) {
        let barred = control.barred(self.service.get_untracked(), self.phase.get_untracked());
        if barred.is_some() {
            return;
        }
        if control == Control::Renew {
            return self.renew();
        }
        let id = self.widget.with_value(Widget::session_id);
        let (Some(id), Some(backstage)) = (id, self.backstage.get_value()) else {
            return;
        };
        spawn_local(async move {
            let result = backstage.control(&id, control).await;
            if let Ok(outcome) = &result {
                self.learn(outcome.service);
            }
            self.notice.set(match result {
                Ok(_) => "Done. The element sees it at its next look, within seconds.",
                Err(Refusal::Unknown) => "The service no longer knows this session.",
                Err(Refusal::NotNow) => "The service refused: not possible in this state.",
                Err(Refusal::Unreachable) => "The service did not answer.",
            });
        });
    }

    /// Deletes the session of a live service.
    pub(crate) fn delete(self) {
        self.widget
            .with_value(|widget| match Delete::now(self.phase.get_untracked()) {
                Ok(Delete::Unlink) => widget.call("unlink", None),
                Ok(Delete::Discard) => widget.call("stop", Some("discard")),
                Err(_) => {}
            });
    }

    /// Shows the page and the element light, dark or as the system has it.
    pub(crate) fn set_theme(self, theme: &'static str) {
        if let Some(root) = document().document_element() {
            // The name is valid.
            let _ = root.set_attribute("data-theme", theme);
        }
        self.widget
            .with_value(|widget| widget.set_attribute("theme", theme));
    }

    /// Lays the page and the element out in this direction.
    pub(crate) fn set_direction(self, direction: &'static str) {
        if let Some(root) = document().document_element() {
            // The name is valid.
            let _ = root.set_attribute("dir", direction);
        }
    }

    /// Opens the camera and scans what it sees.
    pub(crate) fn scan(self) {
        if self.lens.get_untracked().is_busy() {
            return;
        }
        let turn = self.next_turn();
        self.lens.set(Lens::Looking);
        self.aim();
        spawn_local(async move {
            pause(FOCUS_MS).await;
            let mut why = Why::NoCode;
            for _ in 0..LOOKS {
                if self.turn.get_value() != turn {
                    return;
                }
                match self.look() {
                    Ok(text) => return self.tell(&text, turn).await,
                    Err(Why::Unreadable) => why = Why::Unreadable,
                    Err(_) => {}
                }
                pause(LOOK_MS).await;
            }
            self.end_scan(turn, Lens::Blind(why));
        });
    }

    /// Back to the list.
    pub(crate) fn close_camera(self) {
        self.next_turn();
        self.lens.set(Lens::Closed);
        self.blank_finder();
    }

    fn next_turn(self) -> u32 {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.turn.get_value()
    }

    /// Takes a picture, and shows it in the finder.
    fn aim(self) -> Option<Picture> {
        let photo = self
            .widget
            .with_value(|widget| camera::photograph(widget.element()));
        let Some((canvas, picture)) = photo else {
            self.blank_finder();
            return None;
        };
        self.show_in_finder(&canvas);
        Some(picture)
    }

    /// One look through the lens.
    fn look(self) -> Result<String, Why> {
        let picture = self.aim().ok_or(Why::NoCode)?;
        decoder::read(&picture).map_err(|_| Why::Unreadable)
    }

    async fn tell(self, text: &str, turn: u32) {
        let Some(backstage) = self.backstage.get_value() else {
            return self.end_scan(turn, Lens::Blind(Why::Unreachable));
        };
        let result = backstage.scan(text).await;
        match result {
            Ok(outcome) => {
                let name = self.widget.with_value(Widget::session_name);
                self.devices
                    .update(|devices| devices.link(&outcome.id, &name));
                if self.widget.with_value(Widget::session_id).as_deref() == Some(&outcome.id) {
                    self.learn(outcome.service);
                }
                self.end_scan(turn, Lens::Caught);
                pause(CAUGHT_MS).await;
                self.end_scan(turn, Lens::Closed);
            }
            Err(Refusal::Unreachable) => self.end_scan(turn, Lens::Blind(Why::Unreachable)),
            Err(Refusal::Unknown | Refusal::NotNow) => self.end_scan(turn, Lens::Blind(Why::Dead)),
        }
    }

    fn end_scan(self, turn: u32, lens: Lens) {
        if self.turn.get_value() == turn {
            self.lens.set(lens);
            // No copy of a code stays on the screen after the camera has done with it.
            self.blank_finder();
        }
    }

    fn show_in_finder(self, photo: &HtmlCanvasElement) {
        let Some(finder) = self.finder.get_untracked() else {
            return;
        };
        finder.set_width(photo.width());
        finder.set_height(photo.height());
        if let Some(context) = camera::context(&finder) {
            // It fails for a canvas without pixels alone, which shows nothing anyway.
            let _ = context.draw_image_with_html_canvas_element(photo, 0.0, 0.0);
        }
    }

    fn blank_finder(self) {
        if let Some(finder) = self.finder.get_untracked() {
            // Setting a size clears a canvas.
            finder.set_width(1);
            finder.set_height(1);
        }
    }
}

fn time_of_day() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "{:02}:{:02}:{:02}",
        now.get_hours(),
        now.get_minutes(),
        now.get_seconds()
    )
}
