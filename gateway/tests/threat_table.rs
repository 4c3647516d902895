//! `docs/threats.md` names tests; here each of them is looked up.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

/// The threats that the table must have a row for.
const THREATS: [&str; 10] = [
    "the key leaks",
    "a token is forged, stolen, reused",
    "anyone mints tokens",
    "one user reads another's session",
    "smuggled routes and requests, SSRF",
    "orphans, cost",
    "cross-site use",
    "exhaustion",
    "sandbox in production",
    "a stranger scans",
];

/// Whether a file has a test of this name: a function under `#[test]`, or what Node's runner is given in quotes.
fn has_test(file: &Path, text: &str, name: &str) -> bool {
    if file.extension().is_some_and(|ending| ending == "js") {
        return text.contains(&format!("test('{name}'"))
            || text.contains(&format!("test(`{name}`"));
    }
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .any(|pair| pair[0].starts_with("#[test]") && pair[1].starts_with(&format!("fn {name}()")))
}

#[test]
fn every_test_that_the_table_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let table = std::fs::read_to_string(root.join("docs/threats.md")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .skip(2)
        .collect();
    let threats: Vec<_> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(threats, THREATS);
    for row in rows {
        assert_eq!(row.len(), 3, "{row:?}");
        let mut named = 0;
        for group in row[2].split("; ") {
            let (file, names) = group.strip_prefix('`').unwrap().split_once("` ").unwrap();
            let path = root.join(file);
            let text =
                std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
            // A sentence, as tests in JavaScript are named, may have commas of its own.
            let names = if file.ends_with(".js") {
                vec![names]
            } else {
                names.split(", ").collect()
            };
            for name in names {
                assert!(has_test(&path, &text, name), "{file} has no test {name}");
                named += 1;
            }
        }
        assert!(named > 0, "{}: no tests", row[0]);
    }
}
