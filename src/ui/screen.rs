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

/// Composes the screen of a snapshot.
#[must_use]
pub fn compose(snapshot: &Snapshot, strings: &Strings, settings: &Settings) -> Screen {
    let say = |text| strings.get(text).to_owned();
    let button = |text, act, part| {
        Some(Button {
            label: say(text),
            act,
            part,
        })
    };
    let primary = |text, act| button(text, act, "primary-button");
    let start = || Act::Start { fresh: false };
    let mut screen = Screen::default();
    let name = snapshot.session.as_ref().and_then(|one| one.name.as_ref());
    let name = name.unwrap_or(&settings.session_name);
    // The default name only says what the heading says already.
    if name != "WhatsApp" {
        screen.name.clone_from(name);
    }
    let number = snapshot
        .session
        .as_ref()
        .and_then(|session| session.phone_number.as_ref());
    let unlink = || {
        snapshot
            .offers
            .unlink
            .then(|| {
                button(
                    Text::UnlinkAction,
                    Act::Unlink { confirmed: false },
                    "unlink-button",
                )
            })
            .flatten()
    };
    let words = |screen: &mut Screen, title, detail: Option<Text>| {
        screen.title = say(title);
        screen.detail = detail.map(say).unwrap_or_default();
    };
    match snapshot.phase {
        Phase::Idle => {
            words(&mut screen, Text::IdleTitle, Some(Text::IdleDetail));
            screen.plate = Plate::Sign(Sign::Link);
            screen.buttons[0] = primary(Text::IdleAction, start());
        }
        Phase::Checking => words(&mut screen, Text::CheckingTitle, None),
        Phase::Creating => {
            words(&mut screen, Text::CreatingTitle, None);
            screen.steps = true;
        }
        Phase::AwaitingScan => {
            words(&mut screen, Text::ScanTitle, None);
            screen.plate = Plate::Code;
            screen.steps = true;
            let original = snapshot.qr.as_ref().map(|code| &code.drawing);
            if matches!(original, Some(Drawing::Original(_))) {
                screen.note = say(Text::OriginalNote);
            }
            screen.buttons[1] = button(Text::RefreshAction, Act::Refresh, "refresh-button");
        }
        Phase::Refreshing => {
            words(
                &mut screen,
                Text::RefreshingTitle,
                Some(Text::RefreshingDetail),
            );
            screen.steps = true;
        }
        Phase::Expired => {
            words(&mut screen, Text::ExpiredTitle, Some(Text::ExpiredDetail));
            screen.plate = Plate::Sign(Sign::Renew);
            // It did not run out, it never could be shown.
            if let Some(error) = &snapshot.error {
                screen.title = say(error_title(error.code));
                describe(&mut screen, Some(error), strings);
            }
            screen.buttons[0] = primary(Text::ExpiredAction, Act::Refresh);
        }
        Phase::Connected => {
            let detail = if number.is_some() && snapshot.offers.unlink {
                Text::ConnectedDetail
            } else {
                Text::ConnectedPlain
            };
            words(&mut screen, Text::ConnectedTitle, Some(detail));
            screen.plate = Plate::Sign(Sign::Check);
            screen.tone = Tone::Good;
            screen.phone = number.map(spaced).unwrap_or_default();
            screen.buttons[2] = unlink();
        }
        Phase::WrongNumber => {
            let tail = |number: Option<&PhoneNumber>| {
                number.map_or_else(|| "…".into(), |number| number.tail(4).to_owned())
            };
            words(&mut screen, Text::WrongTitle, None);
            screen.detail = strings.fill(
                Text::WrongDetail,
                &[
                    ("expected", &tail(settings.expected_phone.as_ref())),
                    ("actual", &tail(number)),
                ],
            );
            screen.plate = Plate::Sign(Sign::Alert);
            screen.tone = Tone::Warn;
            screen.buttons[1] = button(Text::AcceptAction, Act::AcceptNumber, "accept-button");
            screen.buttons[2] = unlink();
        }
        Phase::Reconnecting => {
            words(
                &mut screen,
                Text::ReconnectingTitle,
                Some(Text::ReconnectingDetail),
            );
            screen.note = say(Text::IdlePhoneNote);
            screen.plate = Plate::Sign(Sign::Phone);
            screen.tone = Tone::Warn;
        }
        Phase::Failed => {
            words(&mut screen, Text::FailedTitle, Some(Text::FailedDetail));
            screen.note = say(Text::IdlePhoneNote);
            screen.plate = Plate::Sign(Sign::Alert);
            screen.tone = Tone::Bad;
            screen.buttons[0] = primary(Text::FailedAction, Act::Start { fresh: true });
        }
        Phase::ActionRequired => {
            words(&mut screen, Text::ActionTitle, Some(Text::ActionDetail));
            screen.plate = Plate::Sign(Sign::Phone);
        }
        Phase::Unlinking if snapshot.unlink == Some(UnlinkStage::Confirming) => {
            words(&mut screen, Text::ConfirmTitle, Some(Text::ConfirmDetail));
            screen.plate = Plate::Sign(Sign::Alert);
            screen.tone = Tone::Warn;
            screen.buttons[1] = button(Text::CancelAction, Act::CancelUnlink, "cancel-button");
            screen.buttons[2] = button(Text::UnlinkAction, Act::ConfirmUnlink, "unlink-button");
        }
        Phase::Unlinking => words(&mut screen, Text::UnlinkingTitle, None),
        Phase::Unlinked => {
            words(&mut screen, Text::UnlinkedTitle, Some(Text::UnlinkedDetail));
            screen.plate = Plate::Sign(Sign::Link);
            screen.buttons[0] = primary(Text::UnlinkedAction, Act::Start { fresh: true });
        }
        Phase::Error => {
            screen.plate = Plate::Sign(Sign::Alert);
            screen.tone = Tone::Bad;
            let code = snapshot
                .error
                .as_ref()
                .map_or(ErrorCode::Internal, |error| error.code);
            words(&mut screen, error_title(code), None);
            if snapshot.offers.retry {
                screen.buttons[0] = primary(Text::RetryAction, Act::Retry);
            } else if snapshot.offers.start {
                screen.buttons[0] = primary(Text::StartAction, start());
            }
        }
    }
    if snapshot.phase == Phase::Error {
        describe(&mut screen, snapshot.error.as_ref(), strings);
    } else if snapshot.retry_at.is_some() && screen.plate == Plate::Waiting {
        screen.detail = say(Text::RetryingDetail);
    }
    if snapshot.original_available && screen.plate != Plate::Code {
        screen.buttons[1] = button(Text::OriginalAction, Act::ShowOriginal, "original-button");
    }
    if snapshot.offline {
        screen.note = say(if screen.plate == Plate::Code {
            Text::OfflineCode
        } else {
            Text::OfflineWait
        });
    }
    screen
}

/// What the developer set that the words depend on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The name that a session is to get: shown until there is one.
    pub session_name: String,
    /// The number that was expected.
    pub expected_phone: Option<PhoneNumber>,
}

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
    const TWO: &[&str] = &[
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
        "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
        "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    match digits.get(..2) {
        Some(start) if start.starts_with(['1', '7']) => 1,
        Some(start) if TWO.contains(&start) => 2,
        _ => 3,
    }
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
            session_name: "Support Bot".into(),
            expected_phone: PhoneNumber::parse("+14155550100"),
        };
        compose(snapshot, &Strings::default(), &settings)
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
