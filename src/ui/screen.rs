//! What each phase shows (`product.md`, "Phases"): a pure function from a snapshot to words and offers.

use sendapi_pairing_core::{
    error::{Error, ErrorCode},
    model::PhoneNumber,
    pairing::{Act, Drawing, Phase, Snapshot, UnlinkStage},
};

use super::{
    number::spaced,
    text::{Strings, Text},
};

/// One composed screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Screen {
    /// What is going on, in a few words.
    pub title: String,
    /// What it means and what to do.
    pub detail: String,
    /// A quieter remark: the request's id, a warning.
    pub note: String,
    /// The linked number, in the connected view alone (invariant 17).
    pub phone: String,
    /// The session's name, as literal text.
    pub name: String,
    /// What the plate holds.
    pub plate: Plate,
    /// Whether the steps are shown.
    pub steps: bool,
    /// How it feels.
    pub tone: Tone,
    /// At most three buttons: the one to press, another, the one that undoes.
    pub buttons: [Option<Button>; 3],
}

/// What is on the plate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plate {
    /// Waiting for something: the skeleton.
    #[default]
    Waiting,
    /// A code, drawn from the snapshot.
    Code,
    /// A sign.
    Sign(Sign),
}

/// The signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Two links of a chain.
    Link,
    /// A turning arrow: a code that has run out.
    Renew,
    /// A check mark.
    Check,
    /// A phone.
    Phone,
    /// An exclamation mark.
    Alert,
}

/// How a screen feels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Calm,
    /// It worked.
    Good,
    /// Something needs attention.
    Warn,
    /// Something failed.
    Bad,
}

/// One button.
#[derive(Clone, Debug, PartialEq)]
pub struct Button {
    /// Its words.
    pub label: String,
    /// What it does.
    pub act: Act,
    /// Its part, beside `button`.
    pub part: &'static str,
}

/// A screen before its words are looked up.
#[derive(Clone, Copy)]
struct Sketch {
    title: Text,
    detail: Option<Text>,
    note: Option<Text>,
    plate: Plate,
    steps: bool,
    tone: Tone,
    /// In the order of [`Screen::buttons`].
    presses: [Option<(Text, Press)>; 3],
}

/// What a button does.
#[derive(Clone, Copy)]
enum Press {
    Start,
    StartFresh,
    Refresh,
    Retry,
    Unlink,
    ConfirmUnlink,
    CancelUnlink,
    AcceptNumber,
    ShowOriginal,
}

impl Press {
    fn act(self) -> Act {
        match self {
            Self::Start => Act::Start { fresh: false },
            Self::StartFresh => Act::Start { fresh: true },
            Self::Refresh => Act::Refresh,
            Self::Retry => Act::Retry,
            Self::Unlink => Act::Unlink { confirmed: false },
            Self::ConfirmUnlink => Act::ConfirmUnlink,
            Self::CancelUnlink => Act::CancelUnlink,
            Self::AcceptNumber => Act::AcceptNumber,
            Self::ShowOriginal => Act::ShowOriginal,
        }
    }

    /// The part of a button that is not the first.
    fn part(self) -> &'static str {
        match self {
            Self::Refresh => "refresh-button",
            Self::Unlink | Self::ConfirmUnlink => "unlink-button",
            Self::CancelUnlink => "cancel-button",
            Self::AcceptNumber => "accept-button",
            Self::ShowOriginal => "original-button",
            Self::Start | Self::StartFresh | Self::Retry => "primary-button",
        }
    }
}

fn sketch(snapshot: &Snapshot, number: Option<&PhoneNumber>, drawn: bool) -> Sketch {
    let mut sketch = Sketch {
        title: Text::ErrorOther,
        detail: None,
        note: None,
        plate: Plate::Waiting,
        steps: false,
        tone: Tone::Calm,
        presses: [None; 3],
    };
    match snapshot.phase {
        Phase::Idle => {
            sketch.title = Text::IdleTitle;
            sketch.detail = Some(Text::IdleDetail);
            sketch.plate = Plate::Sign(Sign::Link);
            sketch.presses[0] = Some((Text::IdleAction, Press::Start));
        }
        Phase::Checking => sketch.title = Text::CheckingTitle,
        // The first code of a session may take a second reading, or be asked for by itself: to a person it is the first one still.
        Phase::Refreshing if drawn => {
            sketch.title = Text::RefreshingTitle;
            sketch.detail = Some(Text::RefreshingDetail);
            sketch.steps = true;
        }
        Phase::Creating | Phase::Refreshing => {
            sketch.title = Text::CreatingTitle;
            sketch.steps = true;
        }
        Phase::AwaitingScan => {
            sketch.title = Text::ScanTitle;
            sketch.plate = Plate::Code;
            sketch.steps = true;
            let original = snapshot.qr.as_ref().map(|code| &code.drawing);
            if matches!(original, Some(Drawing::Original(_))) {
                sketch.note = Some(Text::OriginalNote);
            }
            let refresh = (Text::RefreshAction, Press::Refresh);
            sketch.presses[1] = snapshot.offers.refresh.then_some(refresh);
        }
        _ => sketch_rest(&mut sketch, snapshot, number),
    }
    if snapshot.retry_at.is_some() && sketch.plate == Plate::Waiting {
        sketch_retrying(&mut sketch, snapshot);
    }
    if snapshot.original_available && sketch.plate != Plate::Code {
        sketch.presses[1] = Some((Text::OriginalAction, Press::ShowOriginal));
    }
    sketch
}

/// Whoever waits for another attempt may try at once, where that would change anything.
#[inline(never)]
fn sketch_retrying(sketch: &mut Sketch, snapshot: &Snapshot) {
    sketch.detail = Some(Text::RetryingDetail);
    if snapshot.offers.retry {
        sketch.presses[0] = Some((Text::RetryAction, Press::Retry));
    }
}

/// The phases that are not on the way to a first code.
#[inline(never)]
fn sketch_rest(sketch: &mut Sketch, snapshot: &Snapshot, number: Option<&PhoneNumber>) {
    let unlink = snapshot.offers.unlink;
    let unlink = unlink.then_some((Text::UnlinkAction, Press::Unlink));
    let code = snapshot.error.as_ref().map(|error| error.code);
    match snapshot.phase {
        Phase::Idle
        | Phase::Checking
        | Phase::Creating
        | Phase::Refreshing
        | Phase::AwaitingScan => {}
        Phase::Expired => {
            // With an error it did not run out, it never could be shown.
            sketch.title = code.map_or(Text::ExpiredTitle, error_title);
            sketch.detail = Some(Text::ExpiredDetail);
            sketch.plate = Plate::Sign(Sign::Renew);
            if code.is_some() {
                sketch.tone = Tone::Warn;
            }
            sketch.presses[0] = Some((Text::ExpiredAction, Press::Refresh));
        }
        Phase::Connected => {
            sketch.title = Text::ConnectedTitle;
            sketch.detail = Some(if number.is_some() && unlink.is_some() {
                Text::ConnectedDetail
            } else {
                Text::ConnectedPlain
            });
            sketch.plate = Plate::Sign(Sign::Check);
            sketch.tone = Tone::Good;
            sketch.presses[2] = unlink;
        }
        Phase::WrongNumber => {
            sketch.title = Text::WrongTitle;
            sketch.plate = Plate::Sign(Sign::Alert);
            sketch.tone = Tone::Warn;
            sketch.presses[1] = Some((Text::AcceptAction, Press::AcceptNumber));
            sketch.presses[2] = unlink;
        }
        Phase::Reconnecting => {
            sketch.title = Text::ReconnectingTitle;
            sketch.detail = Some(Text::ReconnectingDetail);
            sketch.note = Some(Text::IdlePhoneNote);
            sketch.plate = Plate::Sign(Sign::Phone);
            sketch.tone = Tone::Warn;
        }
        Phase::Failed => {
            sketch.title = Text::FailedTitle;
            sketch.detail = Some(Text::FailedDetail);
            sketch.note = Some(Text::IdlePhoneNote);
            sketch.plate = Plate::Sign(Sign::Alert);
            sketch.tone = Tone::Bad;
            sketch.presses[0] = Some((Text::FailedAction, Press::StartFresh));
        }
        Phase::ActionRequired => {
            sketch.title = Text::ActionTitle;
            sketch.detail = Some(Text::ActionDetail);
            sketch.plate = Plate::Sign(Sign::Phone);
        }
        Phase::Unlinking if snapshot.unlink == Some(UnlinkStage::Confirming) => {
            sketch.title = Text::ConfirmTitle;
            sketch.detail = Some(Text::ConfirmDetail);
            sketch.plate = Plate::Sign(Sign::Alert);
            sketch.tone = Tone::Warn;
            sketch.presses[1] = Some((Text::CancelAction, Press::CancelUnlink));
            sketch.presses[2] = Some((Text::UnlinkAction, Press::ConfirmUnlink));
        }
        Phase::Unlinking => sketch.title = Text::UnlinkingTitle,
        Phase::Unlinked => {
            sketch.title = Text::UnlinkedTitle;
            sketch.detail = Some(Text::UnlinkedDetail);
            sketch.plate = Plate::Sign(Sign::Link);
            sketch.presses[0] = Some((Text::UnlinkedAction, Press::StartFresh));
        }
        Phase::Error => {
            sketch.title = error_title(code.unwrap_or(ErrorCode::Internal));
            sketch.plate = Plate::Sign(Sign::Alert);
            sketch.tone = Tone::Bad;
            if snapshot.offers.retry {
                sketch.presses[0] = Some((Text::RetryAction, Press::Retry));
            } else if snapshot.offers.start {
                sketch.presses[0] = Some((Text::StartAction, Press::Start));
            }
        }
    }
}

/// Composes the screen of a snapshot.
#[must_use]
pub fn compose(snapshot: &Snapshot, strings: &Strings, settings: &Settings) -> Screen {
    let session = snapshot.session.as_ref();
    let number = session.and_then(|session| session.phone_number.as_ref());
    let name = session.and_then(|session| session.name.as_ref());
    let name = name.unwrap_or(&settings.session_name);
    let sketch = sketch(snapshot, number, settings.drawn);
    let say = |text: Option<Text>| text.map(|text| strings.get(text).to_owned());
    let buttons = [0, 1, 2].map(|place| {
        let (label, press) = sketch.presses[place]?;
        Some(Button {
            label: strings.get(label).to_owned(),
            act: press.act(),
            part: if place == 0 {
                "primary-button"
            } else {
                press.part()
            },
        })
    });
    let mut screen = Screen {
        title: strings.get(sketch.title).to_owned(),
        detail: say(sketch.detail).unwrap_or_default(),
        note: say(sketch.note).unwrap_or_default(),
        phone: String::new(),
        name: shown_name(name),
        plate: sketch.plate,
        steps: sketch.steps,
        tone: sketch.tone,
        buttons,
    };
    if !matches!(
        snapshot.phase,
        Phase::Idle | Phase::Checking | Phase::Creating | Phase::Refreshing | Phase::AwaitingScan
    ) {
        tell_particulars(&mut screen, snapshot, strings, settings);
    }
    if snapshot.offline {
        tell_offline(&mut screen, strings);
    }
    screen
}

#[inline(never)]
fn tell_offline(screen: &mut Screen, strings: &Strings) {
    let text = match screen.plate {
        Plate::Code => Text::OfflineCode,
        // What waits for a button does not go on by itself.
        _ if screen.buttons[0].is_some() => return,
        _ => Text::OfflineWait,
    };
    strings.get(text).clone_into(&mut screen.note);
}

/// What a phase says beside its words.
#[inline(never)]
fn tell_particulars(
    screen: &mut Screen,
    snapshot: &Snapshot,
    strings: &Strings,
    settings: &Settings,
) {
    let session = snapshot.session.as_ref();
    let number = session.and_then(|session| session.phone_number.as_ref());
    match snapshot.phase {
        Phase::Connected => screen.phone = number.map(spaced).unwrap_or_default(),
        Phase::WrongNumber => {
            let tail = |number: Option<&PhoneNumber>| {
                number.map_or_else(|| "…".into(), |number| number.tail(4).to_owned())
            };
            screen.detail = strings.fill(
                Text::WrongDetail,
                &[
                    ("expected", &tail(settings.expected_phone.as_ref())),
                    ("actual", &tail(number)),
                ],
            );
        }
        Phase::Expired | Phase::Error => describe(screen, snapshot.error.as_ref(), strings),
        _ => {}
    }
}

/// The default name only says what the heading says already.
pub(super) fn shown_name(name: &str) -> String {
    if name == "WhatsApp" { "" } else { name }.into()
}

/// What the words depend on beside the snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Whether a code was on the screen before: what is awaited then is a new one.
    pub drawn: bool,
    /// The name that a session is to get: shown until there is one.
    pub session_name: String,
    /// The number that was expected.
    pub expected_phone: Option<PhoneNumber>,
}

#[inline(never)]
fn describe(screen: &mut Screen, error: Option<&Error>, strings: &Strings) {
    let Some(error) = error else { return };
    strings
        .get(error_detail(error.code))
        .clone_into(&mut screen.detail);
    // The server's own words where it sent any, on a line of their own: they may be in another language, and what to do is not in them.
    // What we say of a code is for the console.
    if error.message != error.code.explanation() {
        screen.note.clone_from(&error.message);
    }
    if let Some(id) = &error.request_id {
        if !screen.note.is_empty() {
            screen.note.push('\n');
        }
        screen
            .note
            .push_str(&strings.fill(Text::RequestLabel, &[("id", id)]));
    }
}

#[inline(never)]
const fn error_title(code: ErrorCode) -> Text {
    match code {
        ErrorCode::Config | ErrorCode::WasmBlocked => Text::ErrorConfig,
        ErrorCode::SecretKeyRejected => Text::ErrorSecret,
        ErrorCode::Unauthorized => Text::ErrorSignIn,
        ErrorCode::Forbidden => Text::ErrorForbidden,
        ErrorCode::QuotaExceeded => Text::ErrorQuota,
        ErrorCode::NotFound => Text::ErrorGone,
        ErrorCode::RateLimited => Text::ErrorBusy,
        ErrorCode::ServerError | ErrorCode::InvalidResponse => Text::ErrorServer,
        ErrorCode::NetworkOrCors | ErrorCode::Timeout => Text::ErrorNetwork,
        ErrorCode::QrUnverified => Text::ErrorUnverified,
        ErrorCode::WrongNumber => Text::WrongTitle,
        ErrorCode::Conflict | ErrorCode::InvalidRequest | ErrorCode::Internal => Text::ErrorOther,
    }
}

#[inline(never)]
const fn error_detail(code: ErrorCode) -> Text {
    match code {
        ErrorCode::Unauthorized => Text::ErrorSignInDetail,
        ErrorCode::QuotaExceeded => Text::ErrorQuotaDetail,
        ErrorCode::NotFound => Text::ErrorGoneDetail,
        ErrorCode::RateLimited => Text::ErrorBusyDetail,
        ErrorCode::ServerError | ErrorCode::InvalidResponse => Text::ErrorServerDetail,
        ErrorCode::NetworkOrCors | ErrorCode::Timeout => Text::ErrorNetworkDetail,
        ErrorCode::QrUnverified => Text::ErrorUnverifiedDetail,
        ErrorCode::Config
        | ErrorCode::WasmBlocked
        | ErrorCode::SecretKeyRejected
        | ErrorCode::Forbidden
        | ErrorCode::WrongNumber
        | ErrorCode::Conflict
        | ErrorCode::InvalidRequest
        | ErrorCode::Internal => Text::ErrorSiteDetail,
    }
}

#[cfg(test)]
mod tests {
    use sendapi_pairing_core::{
        model::{Session, SessionId, Status},
        pairing::Offers,
        time::Instant,
    };

    use super::*;

    fn snapshot(phase: Phase) -> Snapshot {
        Snapshot {
            phase,
            session: Some(Session {
                id: SessionId::parse("sess_1").unwrap(),
                name: None,
                status: Status::Connected,
                phone_number: PhoneNumber::parse("+447700900123"),
                last_seen_at: None,
                message_count: None,
                created_at: None,
            }),
            qr: None,
            original_available: false,
            error: None,
            offline: false,
            unlink: None,
            retry_at: None,
            offers: Offers {
                start: true,
                refresh: true,
                retry: true,
                unlink: true,
                accept: true,
            },
        }
    }

    fn screen(snapshot: &Snapshot) -> Screen {
        let settings = Settings {
            drawn: true,
            session_name: "Support Bot".into(),
            expected_phone: PhoneNumber::parse("+14155550100"),
        };
        compose(snapshot, &Strings::default(), &settings)
    }

    #[test]
    fn a_code_is_called_new_only_after_another() {
        let refreshing = snapshot(Phase::Refreshing);
        let again = screen(&refreshing);
        assert_eq!(again.title, Text::RefreshingTitle.english());
        assert_eq!(again.detail, Text::RefreshingDetail.english());
        let first = compose(&refreshing, &Strings::default(), &Settings::default());
        assert_eq!(first.title, Text::CreatingTitle.english());
        assert_eq!(first.detail, "");
        assert!(first.steps && again.steps);
    }

    #[test]
    fn every_phase_has_words_and_a_whole_number_is_in_the_connected_view_alone() {
        for phase in Phase::ALL {
            let screen = screen(&snapshot(phase));
            assert!(!screen.title.is_empty(), "{phase:?}");
            assert_eq!(screen.name, "Support Bot");
            let shown =
                [&screen.title, &screen.detail, &screen.note, &screen.phone].map(String::as_str);
            let shown = shown.concat().replace(['\u{a0}', ' '], "");
            let whole = shown.contains("7700900123") || shown.contains("4155550100");
            assert_eq!(whole, phase == Phase::Connected, "{phase:?}: {screen:?}");
            // Where nothing moves by itself, there is something to press.
            let still = matches!(
                phase,
                Phase::Idle | Phase::Expired | Phase::Failed | Phase::Unlinked | Phase::Error
            );
            assert_eq!(still, screen.buttons[0].is_some(), "{phase:?}");
        }
    }

    #[test]
    fn an_error_shows_the_servers_words_its_request_and_the_original_image() {
        for phase in [Phase::Error, Phase::Expired] {
            let mut snapshot = snapshot(phase);
            snapshot.original_available = true;
            snapshot.error = Some(Error {
                message: "Not today".into(),
                request_id: Some("req_1".into()),
                ..Error::new(ErrorCode::QrUnverified)
            });
            let screen = screen(&snapshot);
            assert_eq!(screen.title, Text::ErrorUnverified.english());
            assert_eq!(screen.detail, Text::ErrorUnverifiedDetail.english());
            assert_eq!(screen.note, "Not today\nRequest req_1");
            let acts = screen.buttons.map(|button| button.map(|button| button.act));
            assert!(acts[0].is_some());
            assert_eq!(acts[1], Some(Act::ShowOriginal));
        }
    }

    #[test]
    fn an_error_without_words_of_the_server_is_told_in_ours() {
        for code in ErrorCode::ALL {
            let mut snapshot = snapshot(Phase::Error);
            snapshot.error = Some(Error::new(code));
            let screen = screen(&snapshot);
            assert_ne!(screen.detail, code.explanation());
            assert!(!screen.detail.is_empty(), "{code:?}");
        }
    }

    #[test]
    fn offline_says_whether_the_code_still_works_and_what_goes_on_by_itself() {
        for (phase, words) in [
            (Phase::AwaitingScan, Text::OfflineCode.english()),
            (Phase::Reconnecting, Text::OfflineWait.english()),
            (Phase::Idle, ""),
            (Phase::Expired, ""),
        ] {
            let mut snapshot = snapshot(phase);
            snapshot.offline = true;
            assert_eq!(screen(&snapshot).note, words, "{phase:?}");
        }
    }

    #[test]
    fn a_new_code_is_offered_where_there_is_one_to_be_had() {
        let mut snapshot = snapshot(Phase::AwaitingScan);
        assert!(screen(&snapshot).buttons[1].is_some());
        snapshot.offers.refresh = false;
        assert_eq!(screen(&snapshot).buttons, [None, None, None]);
    }

    #[test]
    fn whoever_waits_for_another_attempt_may_try_at_once() {
        for phase in [Phase::Checking, Phase::Creating, Phase::Refreshing] {
            let mut snapshot = snapshot(phase);
            assert_eq!(screen(&snapshot).buttons[0], None, "{phase:?}");
            snapshot.retry_at = Some(Instant(1));
            let screen = screen(&snapshot);
            assert_eq!(screen.detail, Text::RetryingDetail.english());
            let act = screen.buttons[0].as_ref().map(|button| &button.act);
            assert_eq!(act, Some(&Act::Retry), "{phase:?}");
        }
    }
}
