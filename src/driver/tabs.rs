//! The other tabs of this origin: a lock that decides who leads, a channel on which the leader tells the others.

use std::rc::{Rc, Weak};

use js_sys::{Array, Function, Promise, Uint8Array};
use sendapi_pairing_core::{
    model::SessionId,
    pairing::{Input, TabMessage},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};

use super::{Abort, owned::Listener};
use crate::js::{get, object};

/// Membership in the round of tabs that show one session. Dropped, the lock is given back and the channel closed: either would bar the
/// page from the back/forward cache (invariant 4).
pub(super) struct Tabs {
    channel: BroadcastChannel,
    _heard: Listener,
    /// Withdraws the request for the lock, or gives it back once it was granted.
    _lock: Abort,
    _granted: Closure<dyn FnMut(JsValue) -> Promise>,
}

/// Whether this browser, in this page, has what tabs need to agree; plain HTTP does not.
pub(super) fn are_supported() -> bool {
    locks().is_some() && get(&js_sys::global(), "BroadcastChannel").is_function()
}

/// Web Locks are still behind an unstable flag in web-sys; a build that needs none is worth these two lookups.
fn locks() -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let locks = get(&navigator, "locks");
    let request = get(&locks, "request").dyn_into().ok()?;
    Some((locks, request))
}

impl Tabs {
    /// Joins the round of `session`. `None` where the browser refuses: this tab is then alone, and its own leader.
    ///
    /// `report` is held by this round alone: nothing is reported once it is dropped, a grant on its way included.
    pub(super) fn join(
        endpoint: &str,
        session: &SessionId,
        report: Rc<dyn Fn(Input)>,
    ) -> Option<Self> {
        let name = ["sendapi-pairing:", endpoint, ":", session.as_str()].concat();
        let channel = BroadcastChannel::new(&name).ok()?;
        let heard = {
            let report = Rc::clone(&report);
            Listener::new(&channel, "message", move |event| {
                let event: MessageEvent = event.unchecked_into();
                if let Some(message) = read(&event.data()) {
                    report(Input::Heard(message));
                }
            })
        };
        let (locks, request) = locks()?;
        let abort = Abort::new()?;
        let granted = {
            let signal = abort.signal();
            let report = Rc::clone(&report);
            Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_lock: JsValue| {
                // Held until the signal aborts, which also works when this instance cannot be called any more (pkg/loader.js).
                let held = Promise::new(&mut |resolve, _| signal.set_onabort(Some(&resolve)));
                report(Input::Leading(true));
                held
            })
        };
        let options = object(&[("signal", abort.signal().into())]);
        let asked = request
            .call3(&locks, &name.into(), &options, granted.as_ref())
            .ok()?;
        // Ends when the lock is given back, taken by another, or refused, as in a frame whose origin is opaque: a lock that nobody can
        // have leaves every tab to itself.
        let ended = Rc::downgrade(&report);
        let over: Promise = asked.unchecked_into();
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(reason) = JsFuture::from(over).await {
                lock_over(&ended, &reason);
            }
        });
        Some(Self {
            channel,
            _heard: heard,
            _lock: abort,
            _granted: granted,
        })
    }

    pub(super) fn tell(&self, message: &TabMessage) {
        // A closed channel means that nobody listens any more.
        let _ = self.channel.post_message(&write(message));
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.channel.close();
    }
}

/// The lock was taken by another, perhaps before its grant was heard of here, or refused.
#[inline(never)]
fn lock_over(report: &Weak<dyn Fn(Input)>, reason: &JsValue) {
    if let Some(report) = report.upgrade() {
        // Where it is refused, that has another name (Web Locks, `request()`).
        let taken = get(reason, "name").as_string().as_deref() == Some("AbortError");
        report(Input::Leading(!taken));
    }
}

/// A message as an array of its fields, in their order.
fn write(message: &TabMessage) -> JsValue {
    let fields = Array::new();
    for field in [
        JsValue::from(message.version),
        JsValue::from(message.kind),
        JsValue::from(message.session.as_str()),
        JsValue::from(message.term),
        JsValue::from(message.status.as_str()),
        JsValue::from(message.expired),
        JsValue::from(message.code),
        JsValue::from(message.size),
        Uint8Array::from(message.modules.as_slice()).into(),
        JsValue::from(message.life_ms),
        JsValue::from(message.remaining_ms),
    ] {
        fields.push(&field);
    }
    fields.into()
}

/// Reads what [`write`] wrote; anything may have been posted.
fn read(value: &JsValue) -> Option<TabMessage> {
    let fields: &Array = value.dyn_ref()?;
    let text = |at| fields.get(at).as_string();
    let number = |at| {
        let value = fields.get(at).as_f64()?;
        let whole = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        whole.then_some(value as u32)
    };
    let modules: Uint8Array = fields.get(8).dyn_into().ok()?;
    Some(TabMessage {
        version: number(0)?,
        kind: number(1)?,
        session: text(2)?,
        term: number(3)?,
        status: text(4)?,
        expired: fields.get(5).as_bool()?,
        code: number(6)?,
        size: number(7)?,
        modules: modules.to_vec(),
        life_ms: number(9)?,
        remaining_ms: number(10)?,
    })
}
