//! The words on the screen. English is built in; every text can be overridden by its key (`strings`).

use sendapi_pairing_core::{
    decimal,
    text::{cut, piece},
};

/// Defines the keys once: the variant, the public key, the English words.
macro_rules! texts {
    (
        first { $($variant:ident $key:literal $english:literal,)* }
        later { $($later:ident $later_key:literal $later_english:literal,)* }
    ) => {
        /// One text; the public key is what `strings` is indexed by.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Text {
            $(#[doc = $english] $variant,)*
            $(#[doc = $later_english] $later,)*
        }

        impl Text {
            /// Every text.
            pub const ALL: &[Self] = &[$(Self::$variant,)* $(Self::$later,)*];

            /// How many may be on the screen on the way to a first code.
            const FIRST: usize = [$(Self::$variant,)*].len();

            /// Its key in `strings`.
            #[must_use]
            pub fn key(self) -> &'static str {
                const KEYS: &str = concat!($($key, "\0",)* $($later_key, "\0",)*);
                nth(KEYS, self as usize)
            }

            /// Its English words.
            #[must_use]
            pub fn english(self) -> &'static str {
                const FIRST: &str = concat!($($english, "\0",)*);
                match (self as usize).checked_sub(Self::FIRST) {
                    None => nth(FIRST, self as usize),
                    Some(at) => Self::english_later(at),
                }
            }

            /// The marks are what scripts/split-module.mjs finds these words by, and moves them out of the way of a first code.
            #[inline(never)]
            fn english_later(at: usize) -> &'static str {
                const LATER: &str = concat!("\0later\0", $($later_english, "\0",)* "\0over\0");
                nth(LATER, at + 2)
            }
        }
    };
}

/// One after the other, as a table of where each begins would be a kilobyte that hardly compresses.
fn nth(texts: &'static str, at: usize) -> &'static str {
    piece(texts, 0, at)
}

texts! {
    first {
        Heading "heading" "Link WhatsApp",
        Asks "asks" "{site} asks to send and receive messages with your number.",
        IdleTitle "idleTitle" "Link your phone",
        IdleDetail "idleDetail" "You will scan a code with WhatsApp. It takes about a minute, and you can undo it at any time.",
        IdleAction "idleAction" "Get a code",
        CheckingTitle "checkingTitle" "Looking for your link…",
        CreatingTitle "creatingTitle" "Preparing your code…",
        ScanTitle "scanTitle" "Scan this code with your phone",
        StepOpen "stepOpen" "Open WhatsApp on your phone",
        StepMenu "stepMenu" "Android: tap ⋮, then Linked devices\niPhone: tap Settings, then Linked devices",
        StepScan "stepScan" "Tap Link a device and point the camera here",
        QrLabel "qrLabel" "QR code that links your phone. Scan it with WhatsApp.",
        TimeLeft "timeLeft" "This code works for {time}",
        RefreshAction "refreshAction" "New code",
        RefreshingTitle "refreshingTitle" "Getting a new code…",
        ExpiredTitle "expiredTitle" "This code has expired",
        Undo "undo" "Undo it any time on your phone: Settings, Linked devices.",
        Digits "digits" "0123456789",
    }
    later {
        RetryingDetail "retryingDetail" "The service is not answering yet. This page keeps trying.",
        RefreshingDetail "refreshingDetail" "The previous code no longer works.",
        ExpiredDetail "expiredDetail" "Nothing was linked. Have your phone ready, then get a new code.",
        ExpiredAction "expiredAction" "Get a new code",
        ConnectedTitle "connectedTitle" "Connected",
        ConnectedDetail "connectedDetail" "Is this your number? If it is not, unlink it.",
        ConnectedPlain "connectedPlain" "Your phone is linked.",
        SinceLabel "sinceLabel" "Linked since {time}",
        UnlinkAction "unlinkAction" "Unlink",
        WrongTitle "wrongTitle" "Another number was linked",
        WrongDetail "wrongDetail" "Expected the number ending in {expected}; the one ending in {actual} was linked. Unlink it and scan with the other phone, or keep it.",
        AcceptAction "acceptAction" "Keep this number",
        ReconnectingTitle "reconnectingTitle" "Reconnecting…",
        ReconnectingDetail "reconnectingDetail" "The link to your phone was lost and is being restored. Keep the phone switched on and online.",
        IdlePhoneNote "idlePhoneNote" "WhatsApp logs linked devices out when the phone is not used for 14 days.",
        FailedTitle "failedTitle" "The link was lost",
        FailedDetail "failedDetail" "The phone may have been offline for a long time, or the link was removed there.",
        FailedAction "failedAction" "Link again",
        ActionTitle "actionTitle" "Look at your phone",
        ActionDetail "actionDetail" "WhatsApp may be asking for something there. This page will continue by itself.",
        ConfirmTitle "confirmTitle" "Unlink this number?",
        ConfirmDetail "confirmDetail" "No more messages can be sent or received with it from here. It can be linked again later.",
        CancelAction "cancelAction" "Keep it linked",
        UnlinkingTitle "unlinkingTitle" "Unlinking…",
        UnlinkedTitle "unlinkedTitle" "Unlinked",
        UnlinkedDetail "unlinkedDetail" "To be sure, look at Settings, Linked devices on the phone too.",
        UnlinkedAction "unlinkedAction" "Link a number",
        RetryAction "retryAction" "Try again",
        StartAction "startAction" "Start again",
        OriginalAction "originalAction" "Show the original image",
        OriginalNote "originalNote" "Shown as it was received; it could not be checked.",
        RequestLabel "requestLabel" "Request {id}",
        OfflineCode "offlineCode" "You are offline. The code on the screen still works.",
        OfflineWait "offlineWait" "You are offline. This will continue when you are back online.",
        SoonEnds "soonEnds" "30 seconds left",
        ErrorConfig "errorConfig" "This is not set up correctly",
        ErrorSecret "errorSecret" "A secret key was refused",
        ErrorSignIn "errorSignIn" "Please sign in again",
        ErrorForbidden "errorForbidden" "This is not allowed here",
        ErrorQuota "errorQuota" "No room for another number",
        ErrorGone "errorGone" "This link no longer exists",
        ErrorBusy "errorBusy" "Too many attempts",
        ErrorServer "errorServer" "The service has a problem",
        ErrorNetwork "errorNetwork" "The service cannot be reached",
        ErrorUnverified "errorUnverified" "The code could not be checked",
        ErrorOther "errorOther" "Something went wrong",
        ErrorSiteDetail "errorSiteDetail" "Please tell the people who run this site.",
        ErrorSignInDetail "errorSignInDetail" "Your sign-in has expired. Sign in again, then come back here.",
        ErrorQuotaDetail "errorQuotaDetail" "Unlink a number that is no longer used, or ask the people who run this site.",
        ErrorGoneDetail "errorGoneDetail" "It was removed. You can link your phone again.",
        ErrorBusyDetail "errorBusyDetail" "Wait a moment, then try again.",
        ErrorServerDetail "errorServerDetail" "This is not your fault. Try again in a few minutes.",
        ErrorNetworkDetail "errorNetworkDetail" "Check your connection, then try again.",
        ErrorUnverifiedDetail "errorUnverifiedDetail" "The image that came may not scan. Get a new code, or look at the original image.",
    }
}

/// The words in force: English, with overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings(Vec<(Text, String)>);

/// Words by public key, as the data files of the languages hold them; keys that are not ours are passed over.
impl<K: AsRef<str>, W: Into<String>> FromIterator<(K, W)> for Strings {
    fn from_iter<I: IntoIterator<Item = (K, W)>>(words: I) -> Self {
        let mut strings = Self::default();
        for (key, words) in words {
            let text = Text::ALL.iter().find(|text| text.key() == key.as_ref());
            if let Some(text) = text {
                strings.set(*text, words.into());
            }
        }
        strings
    }
}

impl Strings {
    /// Overrides one text.
    pub fn set(&mut self, text: Text, words: String) {
        self.0.retain(|(known, _)| *known != text);
        self.0.push((text, words));
    }

    /// The words of `text`.
    #[must_use]
    pub fn get(&self, text: Text) -> &str {
        let own = self.0.iter().find(|(known, _)| *known == text);
        own.map_or(text.english(), |(_, words)| words)
    }

    /// Seconds as `m:ss`, in the digits of the language.
    #[must_use]
    pub fn clock(&self, seconds: u64) -> String {
        let mut plain = String::new();
        decimal::push(&mut plain, seconds / 60);
        plain.push_str(if seconds % 60 < 10 { ":0" } else { ":" });
        decimal::push(&mut plain, seconds % 60);
        let digits = self.get(Text::Digits);
        plain
            .chars()
            .map(|ch| {
                let digit = ch
                    .to_digit(10)
                    .and_then(|it| digits.chars().nth(it as usize));
                digit.unwrap_or(ch)
            })
            .collect()
    }

    /// The words of `text`, with `{name}` replaced by each of `values`.
    #[must_use]
    pub fn fill(&self, text: Text, values: &[(&str, &str)]) -> String {
        let mut rest = self.get(text);
        let mut out = String::with_capacity(rest.len() + 16);
        while let Some((before, after)) = cut(rest, b'{') {
            out.push_str(before);
            let Some((name, after)) = cut(after, b'}') else {
                out.push('{');
                rest = after;
                continue;
            };
            let value = values.iter().find(|(known, _)| *known == name);
            out.push_str(value.map_or("", |(_, value)| value));
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_words_are_there() {
        let mut keys: Vec<_> = Text::ALL.iter().map(|text| text.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), Text::ALL.len());
        assert!(Text::ALL.iter().all(|text| !text.english().is_empty()));
    }

    #[test]
    fn overrides_and_placeholders() {
        let mut strings = Strings::default();
        assert_eq!(
            strings.fill(Text::TimeLeft, &[("time", "1:59")]),
            "This code works for 1:59"
        );
        strings.set(Text::TimeLeft, "Noch {time} {unknown}{".into());
        strings.set(Text::TimeLeft, "Noch {time}!{x} {".into());
        assert_eq!(
            strings.fill(Text::TimeLeft, &[("time", "{x}")]),
            "Noch {x}! {"
        );
        assert_eq!(strings.get(Text::Heading), "Link WhatsApp");
    }

    #[test]
    fn words_come_by_key_and_unknown_keys_are_passed_over() {
        let strings: Strings = [("heading", "WhatsApp verknüpfen"), ("none", "…")]
            .into_iter()
            .collect();
        assert_eq!(strings.get(Text::Heading), "WhatsApp verknüpfen");
        assert_eq!(strings.get(Text::RetryAction), "Try again");
    }

    #[test]
    fn the_clock_has_two_digits_of_seconds_in_the_digits_of_the_language() {
        let mut strings = Strings::default();
        let shown = [119, 60, 9, 0].map(|seconds| strings.clock(seconds));
        assert_eq!(shown, ["1:59", "1:00", "0:09", "0:00"]);
        strings.set(Text::Digits, "۰۱۲۳۴۵۶۷۸۹".into());
        assert_eq!(strings.clock(119), "۱:۵۹");
        strings.set(Text::Digits, "01".into());
        assert_eq!(strings.clock(119), "1:59", "digits that are not ten");
    }
}
