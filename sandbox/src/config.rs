//! What a host may choose about the double.

/// How the sandbox behaves. [`Default`] is what the seed page shows: bare objects, text ids, PNG data URLs, 120 s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxConfig {
    /// Every random choice (ids, code texts, how codes are drawn, phone numbers) follows from this.
    pub seed: u64,
    /// Life of a code in milliseconds: 120,000 by default.
    pub qr_ttl_ms: u64,
    /// How many sessions the account may hold (failed ones do not count); `None` is the unlimited plan.
    pub quota: Option<u32>,
    /// Requests per key and minute: 2,000 by default, the largest published plan.
    pub rate_per_minute: u32,
    /// What `qr_code` holds.
    pub codes: Codes,
    /// Which of the tolerated forms the answers take.
    pub dialect: Dialect,
    /// What becomes of a session that nobody scans.
    pub unscanned: Unscanned,
    /// How many calls [`crate::Sandbox::log`] remembers; older ones are forgotten first.
    pub log_capacity: usize,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            qr_ttl_ms: 120_000,
            quota: None,
            rate_per_minute: 2000,
            codes: Codes::default(),
            dialect: Dialect::default(),
            unscanned: Unscanned::default(),
            log_capacity: 100_000,
        }
    }
}

/// The form of `qr_code` (contract.md, careful client, rule 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codes {
    /// `data:image/png;base64,…`, as the seed page shows.
    #[default]
    Png,
    /// The base64 of a PNG without the data URL's head.
    BarePng,
    /// The pairing text itself: nothing is drawn, so this is the cheap form for simulations.
    Text,
}

/// Which of the forms that contract.md tells a client to tolerate the sandbox speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// Around single objects.
    pub envelope: Envelope,
    /// The JSON type of ids.
    pub ids: Ids,
    /// One of the four published error shapes.
    pub errors: ErrorShape,
    /// What `phone_number` and `last_seen_at` are before the first scan.
    pub absent: Absent,
    /// Timestamps with milliseconds.
    pub fractions: bool,
}

/// Around single objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Envelope {
    /// The object itself, as on the seed page.
    #[default]
    Bare,
    /// `{"data": …}`.
    Data,
}

/// The JSON type of session ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ids {
    /// `"sess_01H8BKF…"`.
    #[default]
    Text,
    /// `1001`.
    Integer,
}

/// The four error shapes of contract.md.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorShape {
    /// `{success:false,error:{type,message,code:4029},meta:{request_id,timestamp}}`.
    #[default]
    Meta,
    /// The same with `request_id` inside `error`.
    Inside,
    /// `{error:{type,code:"missing_parameter",param,message}}`.
    Param,
    /// `{error:{message,code}}`.
    Short,
}

/// What a field without a value looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absent {
    /// `null`.
    #[default]
    Null,
    /// The field is left out.
    Omit,
}

/// What becomes of a session that nobody scans. Undocumented for SendAPI, so both are off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unscanned {
    /// The code dies this many milliseconds after it was drawn, whatever `expires_at` says: WhatsApp rotated behind it.
    pub code_dies_after_ms: Option<u64>,
    /// The session turns `failed` this many milliseconds after its latest code was drawn.
    pub fails_after_ms: Option<u64>,
}
