//! What stands behind the page.

/// Who answers the element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A gateway on its own sandbox.
    Sandbox,
    /// No gateway: the sandbox inside this program.
    InPage,
    /// A gateway with a key: SendAPI itself.
    Live,
}

impl Mode {
    /// Reads the answer to `GET demo/mode`; `None` where none came.
    ///
    /// A static server answers with a 404 or, as trunk does, with the page itself; both mean that there is no gateway.
    pub(crate) fn of_answer(answer: Option<(u16, &str)>) -> Self {
        let Some((200, body)) = answer else {
            return Self::InPage;
        };
        let value = serde_json::from_str::<serde_json::Value>(body).unwrap_or_default();
        match value["mode"].as_str() {
            Some("sandbox") => Self::Sandbox,
            Some("live") => Self::Live,
            _ => Self::InPage,
        }
    }

    /// The word for attributes.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::InPage => "in-page",
            Self::Live => "live",
        }
    }

    /// What the badge says.
    pub(crate) const fn badge(self) -> &'static str {
        match self {
            Self::Sandbox => "Sandbox",
            Self::InPage => "In-page sandbox",
            Self::Live => "Live: uses one of your sessions",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_gateways_own_answer_counts() {
        let cases = [
            (Some((200, r#"{"mode":"sandbox"}"#)), Mode::Sandbox),
            (
                Some((200, " {\"mode\": \"live\", \"later\": 1}\n")),
                Mode::Live,
            ),
            (Some((200, r#"{"mode":"Live"}"#)), Mode::InPage),
            (Some((200, r#"{"mode":7}"#)), Mode::InPage),
            (Some((200, r#""live""#)), Mode::InPage),
            (Some((200, "[]")), Mode::InPage),
            (Some((200, "")), Mode::InPage),
            (
                Some((200, "<!doctype html><title>live</title>")),
                Mode::InPage,
            ),
            (Some((404, r#"{"mode":"live"}"#)), Mode::InPage),
            (Some((500, r#"{"mode":"sandbox"}"#)), Mode::InPage),
            (None, Mode::InPage),
        ];
        for (answer, mode) in cases {
            assert_eq!(Mode::of_answer(answer), mode, "{answer:?}");
        }
    }
}
