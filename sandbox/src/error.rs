//! What the service refuses with: a status, a type, a numeric code and words.

/// One refusal, before it is written in one of the four shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) code: u16,
    /// The code as the third shape writes it.
    pub(crate) word: &'static str,
    pub(crate) param: Option<&'static str>,
    pub(crate) message: &'static str,
}

impl ApiError {
    const fn new(
        status: u16,
        kind: &'static str,
        code: u16,
        word: &'static str,
        message: &'static str,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            word,
            param: None,
            message,
        }
    }

    pub(crate) const fn invalid(
        param: &'static str,
        word: &'static str,
        message: &'static str,
    ) -> Self {
        let mut error = Self::new(422, "validation_error", 4000, word, message);
        error.param = Some(param);
        error
    }
}

pub(crate) const MISSING_KEY: ApiError = ApiError::new(
    401,
    "authentication_error",
    4010,
    "missing_api_key",
    "Missing API key. Send it as a Bearer token.",
);
pub(crate) const INVALID_KEY: ApiError = ApiError::new(
    401,
    "authentication_error",
    4011,
    "invalid_api_key",
    "Invalid API key.",
);
pub(crate) const REVOKED_KEY: ApiError = ApiError::new(
    401,
    "authentication_error",
    4012,
    "revoked_api_key",
    "This API key was revoked.",
);
pub(crate) const EXPIRED_KEY: ApiError = ApiError::new(
    401,
    "authentication_error",
    4013,
    "expired_api_key",
    "This API key has expired.",
);
pub(crate) const SCOPE: ApiError = ApiError::new(
    403,
    "permission_error",
    4030,
    "insufficient_scope",
    "This API key lacks the scope whatsapp:write.",
);
pub(crate) const QUOTA: ApiError = ApiError::new(
    402,
    "subscription_error",
    4021,
    "session_quota_exceeded",
    "Your plan's number of WhatsApp sessions is used up.",
);
pub(crate) const RATE_LIMITED: ApiError = ApiError::new(
    429,
    "rate_limit_error",
    4029,
    "rate_limited",
    "Too many requests. Retry after the time given in Retry-After.",
);
pub(crate) const NOT_FOUND: ApiError = ApiError::new(
    404,
    "not_found_error",
    4040,
    "not_found",
    "No such session.",
);
pub(crate) const NO_ROUTE: ApiError = ApiError::new(
    404,
    "not_found_error",
    4041,
    "unknown_route",
    "No such route.",
);
pub(crate) const METHOD: ApiError = ApiError::new(
    405,
    "invalid_request_error",
    4050,
    "method_not_allowed",
    "This route does not answer that method.",
);
pub(crate) const NOT_PENDING: ApiError = ApiError::new(
    409,
    "conflict_error",
    4090,
    "session_not_pending",
    "Only a pending session has a QR code.",
);
pub(crate) const KEY_REUSED: ApiError = ApiError::new(
    409,
    "conflict_error",
    4091,
    "idempotency_key_reused",
    "This Idempotency-Key was used with another body.",
);
pub(crate) const SERVER: ApiError = ApiError::new(
    500,
    "server_error",
    5000,
    "server_error",
    "Something went wrong on our side.",
);
