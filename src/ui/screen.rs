//! What each phase shows (`product.md`, "Phases"): a pure function from a snapshot to words and offers.

use sendapi_pairing_core::{
    error::{Error, ErrorCode},
    model::PhoneNumber,
    pairing::{Act, Drawing, Phase, Snapshot, UnlinkStage},
};

use super::text::{Strings, Text};

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
            sketch.presses[1] = Some((Text::RefreshAction, Press::Refresh));
        }
        _ => sketch_rest(&mut sketch, snapshot, number),
    }
    if snapshot.retry_at.is_some() && sketch.plate == Plate::Waiting {
        sketch.detail = Some(Text::RetryingDetail);
    }
    if snapshot.original_available && sketch.plate != Plate::Code {
        sketch.presses[1] = Some((Text::OriginalAction, Press::ShowOriginal));
    }
    sketch
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
        let code = screen.plate == Plate::Code;
        let text = if code {
            Text::OfflineCode
        } else {
            Text::OfflineWait
        };
        screen.note = strings.get(text).to_owned();
    }
    screen
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
    // The server's own words where it sent any; what we say of a code is for the console, and in English.
    if error.message == error.code.explanation() {
        strings
            .get(error_detail(error.code))
            .clone_into(&mut screen.detail);
    } else {
        screen.detail.clone_from(&error.message);
    }
    if let Some(id) = &error.request_id {
        screen.note = strings.fill(Text::RequestLabel, &[("id", id)]);
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

/// A number as its people write it: the country code (ITU-T E.164 assigns them so that none begins another), then groups.
#[inline(never)]
fn spaced(number: &PhoneNumber) -> String {
    let digits = &number.as_str()[1..];
    let (code, mut rest) = digits.split_at(country_code_len(digits).min(digits.len()));
    let mut out = ["+", code].concat();
    // The United Kingdom writes four and six, everybody else can read threes with a last group of two to four.
    let mut group = if code == "44" { 4 } else { 3 };
    while !rest.is_empty() {
        let whole = rest.len() <= 4 || code == "44" && group == 6;
        let (head, tail) = rest.split_at(if whole { rest.len() } else { group });
        out.push('\u{a0}');
        out.push_str(head);
        rest = tail;
        if code == "44" {
            group = 6;
        }
    }
    out
}

/// How many digits of a number are its country code: one for zones 1 and 7, two for those listed, else three.
fn country_code_len(digits: &str) -> usize {
    const TWO: [u8; 13] = bits(&[
        20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55,
        56, 57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ]);
    match *digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [tens @ b'0'..=b'9', units @ b'0'..=b'9', ..] => {
            let code = (tens - b'0') * 10 + (units - b'0');
            let listed = TWO[usize::from(code / 8)] >> (code % 8) & 1 != 0;
            if listed { 2 } else { 3 }
        }
        _ => 3,
    }
}

/// A set of numbers below 104, a bit each.
const fn bits(numbers: &[u8]) -> [u8; 13] {
    let mut out = [0; 13];
    let mut at = 0;
    while at < numbers.len() {
        out[(numbers[at] / 8) as usize] |= 1 << (numbers[at] % 8);
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use sendapi_pairing_core::{
        model::{Session, SessionId, Status},
        pairing::Offers,
    };

    use super::*;

    #[test]
    fn numbers_read_as_they_are_written() {
        for (number, shown) in [
            ("+447700900000", "+44 7700 900000"),
            ("+14155550100", "+1 415 555 0100"),
            ("+4915112345678", "+49 151 123 456 78"),
            ("+35312345678", "+353 123 456 78"),
            ("+97250123456", "+972 501 234 56"),
            ("+12345", "+1 2345"),
        ] {
            let number = PhoneNumber::parse(number).unwrap();
            assert_eq!(spaced(&number).replace('\u{a0}', " "), shown);
        }
    }

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
            assert_eq!(screen.detail, "Not today");
            assert_eq!(screen.note, "Request req_1");
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
    fn offline_says_whether_the_code_still_works() {
        for (phase, words) in [
            (Phase::AwaitingScan, Text::OfflineCode),
            (Phase::Reconnecting, Text::OfflineWait),
        ] {
            let mut snapshot = snapshot(phase);
            snapshot.offline = true;
            assert_eq!(screen(&snapshot).note, words.english());
        }
    }
}
