//! Whether a recording replays.

use sendapi_pairing_core::pairing::replay;
use serde_json::Value;

fn numbers(list: &Value) -> Option<Vec<u64>> {
    list.as_array()?.iter().map(Value::as_u64).collect()
}

/// Whether going through a `diagnostics()` again leads through the phases that it recorded.
pub(crate) fn holds(text: &str) -> bool {
    let Ok(json) = serde_json::from_str::<Value>(text) else {
        return false;
    };
    let inputs = json["inputs"].as_array();
    let inputs = inputs.and_then(|inputs| {
        inputs
            .iter()
            .map(|input| numbers(input)?.try_into().ok())
            .collect::<Option<Vec<[u64; 6]>>>()
    });
    let (Some(state), Some(inputs)) = (numbers(&json["state"]), inputs) else {
        return false;
    };
    let mut same = true;
    replay(&state, &inputs, |_, recorded, phase| {
        same &= recorded == Some(phase)
    });
    same
}
