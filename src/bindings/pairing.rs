//! One pairing for JavaScript: with a view once it is mounted, headless until then.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Promise};
use leptos::{
    mount::{UnmountHandle, mount_to},
    prelude::{ArcRwSignal, Update},
};
use sendapi_pairing_core::{
    pairing::{Act, Drawing, Event, Phase, UnlinkStage},
    qr::svg,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlElement;

use super::{
    options::{self, Bag},
    qr::path_value,
    values,
};
use crate::{
    driver::{Driver, Listener, Observer, View},
    js::fill,
    ui::{Mounted, State, presses, settings_of, view},
};

/// Tells JavaScript, mirrors snapshots into the view, and keeps the promises of methods.
struct JsObserver {
    /// `(name, detail) => boolean`: an event; `false` where it was cancelled. `("change")` for another snapshot.
    notify: Function,
    state: RefCell<Option<ArcRwSignal<State>>>,
    /// The `resolve` and `reject` of each.
    waiting: RefCell<Vec<(Function, Function)>>,
}

impl JsObserver {
    fn settle(&self, view: &View<'_>) {
        // While the service deletes, `unlinking` does not yet rest.
        let deleting = view.snapshot.unlink == Some(UnlinkStage::Deleting);
        if deleting || !view.snapshot.phase.is_settled() || self.waiting.borrow().is_empty() {
            return;
        }
        self.resolve_waiting(view);
    }

    #[inline(never)]
    fn resolve_waiting(&self, view: &View<'_>) {
        let value = values::snapshot(view);
        for (resolve, _) in self.waiting.take() {
            // A promise's own function does not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, &value);
        }
    }
}

impl Observer for JsObserver {
    fn event(&self, event: &Event) -> bool {
        let (name, detail) = values::event(event);
        // A listener that throws reports that itself (`dispatchEvent` does); it cancels nothing.
        let answer = self
            .notify
            .call2(&JsValue::UNDEFINED, &name.into(), &detail);
        !answer.is_ok_and(|answer| answer == JsValue::FALSE)
    }

    fn changed(&self, view: &View<'_>) {
        let state = self.state.borrow().clone();
        if let Some(state) = state {
            state.update(|state| state.show(view));
        }
        // The page learns of a change through events; this only lets it mirror properties, and must not stop us if it throws.
        let _ = self.notify.call1(&JsValue::UNDEFINED, &"change".into());
        self.settle(view);
    }
}

/// A pairing, its view, and all that they started. `free()` ends them.
#[wasm_bindgen(js_name = Pairing)]
pub struct JsPairing {
    // Fields drop in this order: no view may outlive the driver's answers to it.
    presses: RefCell<Option<Listener>>,
    view: RefCell<Option<UnmountHandle<Mounted>>>,
    driver: Rc<Driver>,
    observer: Rc<JsObserver>,
    /// The options that the driver's backend was made from.
    given: RefCell<JsValue>,
}

#[wasm_bindgen(js_class = Pairing)]
impl JsPairing {
    /// A pairing with these options. `on_screen` is whether its view can be seen now, which a pairing without one always counts as.
    ///
    /// # Errors
    /// A `TypeError` that names a bad option; `secret_key_rejected` for a secret key among them.
    #[wasm_bindgen(constructor)]
    pub fn new(given: &JsValue, notify: Function, on_screen: bool) -> Result<JsPairing, JsValue> {
        let options = options::pairing(&Bag::new(given)?)?;
        let observer = Rc::new(JsObserver {
            notify,
            state: RefCell::default(),
            waiting: RefCell::default(),
        });
        let told = Rc::clone(&observer) as Rc<dyn Observer>;
        Ok(Self {
            presses: RefCell::default(),
            view: RefCell::default(),
            driver: Rc::new(Driver::new(options, told, on_screen)),
            observer,
            given: RefCell::new(given.clone()),
        })
    }

    /// Draws the view into `target`, which is empty.
    ///
    /// # Errors
    /// As the constructor.
    pub fn draw(&self, target: &HtmlElement, options: &JsValue) -> Result<(), JsValue> {
        let bag = Bag::new(options)?;
        let settings = settings_of(&options::pairing(&bag)?.config);
        let mut state = State::new(options::strings(&bag), options::look(&bag)?, settings);
        self.driver.look(|view| state.show(view));
        let driver = Rc::downgrade(&self.driver);
        let act = move |act: Act| {
            if let Some(driver) = driver.upgrade() {
                driver.act(act);
            }
        };
        let state = ArcRwSignal::new(state);
        self.observer.state.replace(Some(state.clone()));
        self.presses
            .replace(Some(presses(target, state.clone(), act)));
        let handle = mount_to(target.clone(), move || view(state));
        self.view.replace(Some(handle));
        Ok(())
    }

    /// Begins: resumes what the tab remembers, as the trigger allows.
    pub fn begin(&self) {
        self.driver.mount();
    }

    /// Whether the view can be seen from now on.
    #[wasm_bindgen(js_name = onScreen)]
    pub fn on_screen(&self, on_screen: bool) {
        self.driver.on_screen(on_screen);
    }

    /// Takes changed options. Another endpoint or session is another pairing.
    ///
    /// # Errors
    /// As the constructor.
    pub fn update(&self, options: &JsValue) -> Result<(), JsValue> {
        let bag = Bag::new(options)?;
        let mut parsed = options::pairing(&bag)?;
        // A token that one function brought stays good as long as it is the same function.
        if options::same_backend(&self.given.replace(options.clone()), options) {
            parsed.backend = self.driver.backend();
        }
        let state = self.observer.state.borrow().clone();
        if let Some(state) = state {
            let (strings, look) = (options::strings(&bag), options::look(&bag)?);
            let settings = settings_of(&parsed.config);
            self.driver.look(|view| {
                state.update(|state| {
                    state.configure(strings, look, settings);
                    state.show(view);
                });
            });
        }
        self.driver.configure(parsed);
        Ok(())
    }

    /// Starts or resumes; `fresh` creates anew.
    pub fn start(&self, fresh: bool) -> Promise {
        self.settled_after(Act::Start { fresh })
    }

    /// A new code.
    pub fn refresh(&self) -> Promise {
        self.settled_after(Act::Refresh)
    }

    /// Tries again what failed.
    pub fn retry(&self) -> Promise {
        self.settled_after(Act::Retry)
    }

    /// Stops; `discard` also deletes a pending session that this pairing created.
    pub fn stop(&self, discard: bool) -> Promise {
        self.settled_after(Act::Stop { discard })
    }

    /// Asks to unlink; `confirmed` where the caller has asked the person itself.
    pub fn unlink(&self, confirmed: bool) -> Promise {
        self.settled_after(Act::Unlink { confirmed })
    }

    /// Keeps a number that is not the expected one.
    pub fn accept(&self) -> Promise {
        self.settled_after(Act::AcceptNumber)
    }

    /// Shows an image that could not be verified.
    #[wasm_bindgen(js_name = showOriginal)]
    pub fn show_original(&self) -> Promise {
        self.settled_after(Act::ShowOriginal)
    }

    /// The snapshot as a plain object.
    pub fn snapshot(&self) -> JsValue {
        self.driver.look(values::snapshot)
    }

    /// `{size, d, verified}` of the code on show, `verified` false for an original; `null` where none may be shown.
    pub fn code(&self) -> JsValue {
        self.driver.look(|view| {
            let Some(code) = &view.snapshot.qr else {
                return JsValue::NULL;
            };
            let (size, path, verified) = match &code.drawing {
                Drawing::Verified(matrix) => (svg::view_box_size(matrix), svg::path(matrix), true),
                Drawing::Original(bitmap) => {
                    let (width, height) = svg::bitmap_view_box(bitmap);
                    (width.max(height), svg::bitmap_path(bitmap), false)
                }
            };
            let value = path_value(size, &path);
            fill(&value, &[("verified", verified.into())]);
            value
        })
    }

    /// The redacted timeline.
    ///
    /// # Errors
    /// Never: it is JSON of our own making.
    pub fn diagnostics(&self) -> Result<JsValue, JsValue> {
        js_sys::JSON::parse(&self.driver.diagnostics())
    }
}

impl JsPairing {
    /// Does `act`, promises the snapshot in which things have settled.
    fn settled_after(&self, act: Act) -> Promise {
        let stopping = matches!(act, Act::Stop { .. });
        let promise = Promise::new(&mut |resolve, reject| {
            self.observer.waiting.borrow_mut().push((resolve, reject));
        });
        self.driver.act(act);
        let idle = self.driver.phase() == Phase::Idle;
        if stopping || idle {
            self.driver.look(|view| self.observer.settle(view));
        }
        promise
    }
}

impl Drop for JsPairing {
    fn drop(&mut self) {
        // Methods reject after removal (`product.md`); a promise that never ends would hold its caller for good.
        let removed = bad_state();
        for (_, reject) in self.observer.waiting.take() {
            // A promise's own function does not throw.
            let _ = reject.call1(&JsValue::UNDEFINED, &removed);
        }
        self.presses.take();
        self.observer.state.take();
        self.view.take();
    }
}

fn bad_state() -> JsValue {
    let error = js_sys::Error::new("The pairing was removed from the page.");
    error.set_name("AbortError");
    error.into()
}
