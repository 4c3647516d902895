//! The record on disk: one JSON line for each change, rewritten at each start and whenever most of its lines are of the past.

use super::{Standing, Subject};
use crate::id::SessionId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

/// Why the journal cannot be used.
#[derive(Debug)]
pub enum JournalError {
    /// Another process has it open.
    InUse,
    /// The file system refused.
    Io(io::Error),
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str(
                "is in use by another gateway: give each its own --state, or all one REDIS_URL",
            ),
            Self::Io(error) => write!(f, "cannot be used: {error}"),
        }
    }
}

impl std::error::Error for JournalError {}

impl From<io::Error> for JournalError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// One change.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    put: Option<Put<'a>>,
}

#[derive(Serialize)]
struct Put<'a> {
    subject: &'a Subject,
    standing: Standing,
    number: u64,
}

impl<'a> Entry<'a> {
    pub(super) fn put(
        id: &'a SessionId,
        subject: &'a Subject,
        standing: Standing,
        number: u64,
    ) -> Self {
        let put = Some(Put {
            subject,
            standing,
            number,
        });
        Self {
            id: id.as_str(),
            put,
        }
    }

    pub(super) fn del(id: &'a SessionId) -> Self {
        Self {
            id: id.as_str(),
            put: None,
        }
    }
}

#[derive(Deserialize)]
struct Line {
    id: String,
    put: Option<OwnedPut>,
}

#[derive(Deserialize)]
struct OwnedPut {
    subject: Subject,
    standing: Standing,
    number: u64,
}

/// Lines that a journal may have besides one for each session before it is rewritten.
const SPARE_LINES: usize = 512;

type Restored = (SessionId, Subject, Standing, u64);

/// An open journal. Its lock file beside it keeps a second process out.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    lines: usize,
    /// The last line may be half written: the disk was full.
    torn: bool,
    _lock: File,
    restored: Vec<Restored>,
}

impl Journal {
    /// Opens a journal, creating it and its folder where missing, and reads what it holds.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)?;
        }
        let lock = private().truncate(false).open(beside(path, "lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let restored = read(path)?;
        let entries = restored
            .iter()
            .map(|(id, subject, standing, number)| Entry::put(id, subject, *standing, *number));
        Ok(Self {
            path: path.to_owned(),
            file: replace(path, entries)?,
            lines: restored.len(),
            torn: false,
            _lock: lock,
            restored,
        })
    }

    /// Whether it should be rewritten, with `sessions` on record.
    pub(super) fn is_long(&self, sessions: usize) -> bool {
        self.lines > sessions.saturating_mul(2).saturating_add(SPARE_LINES)
    }

    /// Writes it anew, with these entries and no others.
    pub(super) fn rewrite<'a>(
        &mut self,
        entries: impl Iterator<Item = Entry<'a>>,
    ) -> io::Result<()> {
        let mut lines = 0;
        self.file = replace(&self.path, entries.inspect(|_| lines += 1))?;
        self.lines = lines;
        self.torn = false;
        Ok(())
    }

    pub(super) fn take_restored(&mut self) -> Vec<Restored> {
        std::mem::take(&mut self.restored)
    }

    pub(super) fn append(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        // What follows half a line would be lost with it.
        let before: &[u8] = if self.torn { b"\n" } else { b"" };
        self.torn = true;
        write(&mut self.file, before, entry)?;
        self.torn = false;
        self.lines += 1;
        self.file.sync_data()
    }
}

/// A new file in the old one's place: a crash in between leaves either, whole.
fn replace<'a>(path: &Path, entries: impl Iterator<Item = Entry<'a>>) -> io::Result<File> {
    let fresh = beside(path, "new");
    let mut file = private().truncate(true).open(&fresh)?;
    for entry in entries {
        write(&mut file, b"", &entry)?;
    }
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    Ok(file)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn write(file: &mut File, before: &[u8], entry: &Entry<'_>) -> io::Result<()> {
    let mut line = before.to_vec();
    serde_json::to_writer(&mut line, entry)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// Reads a journal in order of creation. A line that was cut off by a crash, or is not ours, is passed over.
fn read(path: &Path) -> io::Result<Vec<Restored>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut sessions = HashMap::new();
    for line in BufReader::new(file).split(b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(&line?) else {
            continue;
        };
        let Some(id) = SessionId::parse(&line.id) else {
            continue;
        };
        match line.put {
            Some(put) => sessions.insert(id, put),
            None => sessions.remove(&id),
        };
    }
    let mut restored: Vec<_> = sessions
        .into_iter()
        .map(|(id, put)| (id, put.subject, put.standing, put.number))
        .collect();
    restored.sort_by_key(|(_, _, _, number)| *number);
    Ok(restored)
}

#[cfg(test)]
mod tests {
    use super::super::{Local, Owner, Which};
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(
                std::env::temp_dir().join(format!("sendapi-journal-{}-{name}", std::process::id())),
            )
        }

        fn file(&self) -> PathBuf {
            self.0.join("deep/sessions.jsonl")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn id(text: &str) -> SessionId {
        SessionId::parse(text).unwrap()
    }

    #[test]
    fn what_was_written_is_there_after_a_restart() {
        let folder = Folder::new("restart");
        let (ann, bob) = (Subject::of_token("ann"), Subject::of_cookie("bob"));
        {
            let local = Local::restore(Journal::open(&folder.file()).unwrap(), 0);
            for n in ["a", "b", "c"] {
                local.record(&ann, &id(n), 1).unwrap();
            }
            local.record(&bob, &id("d"), 1).unwrap();
            local.saw(&id("b"), Standing::Linked).unwrap();
            local.forget(&id("a")).unwrap();
        }
        let text = std::fs::read_to_string(folder.file()).unwrap();
        assert!(!text.contains("ann") && !text.contains("bob"), "{text}");
        // A crash in the middle of a line, and a line of something else.
        std::fs::write(
            folder.file(),
            format!("{text}{{\"id\":\"../x\"}}\n{{\"id\":\"e\",\"pu"),
        )
        .unwrap();
        let local = Local::restore(Journal::open(&folder.file()).unwrap(), 0);
        assert_eq!(local.of(&ann, Which::All), [id("c"), id("b")]);
        assert_eq!(local.of(&ann, Which::Pending), [id("c")]);
        assert_eq!(local.reach(&bob, &id("d"), 1), Owner::Mine);
        assert_eq!(local.reach(&ann, &id("d"), 1), Owner::Other);
        assert_eq!(local.reach(&ann, &id("a"), 1), Owner::Unknown);
        assert_eq!(local.count(), 3);
    }

    #[test]
    fn a_full_disk_costs_the_line_that_it_tore_and_no_other() {
        let folder = Folder::new("torn");
        let ann = Subject::of_token("ann");
        let entry = |id| Entry::put(id, &ann, Standing::Pending, 1);
        let ids = ["a", "b", "c", "d"].map(id);
        {
            let mut journal = Journal::open(&folder.file()).unwrap();
            journal.append(&entry(&ids[0])).unwrap();
            let whole = std::mem::replace(&mut journal.file, File::open(folder.file()).unwrap());
            assert!(journal.append(&entry(&ids[1])).is_err());
            journal.file = whole;
            journal.file.write_all(b"{\"id\":\"b\",\"pu").unwrap();
            journal.append(&entry(&ids[2])).unwrap();
            journal.append(&entry(&ids[3])).unwrap();
        }
        let local = Local::restore(Journal::open(&folder.file()).unwrap(), 0);
        let found = ids.map(|id| local.reach(&ann, &id, 1) == Owner::Mine);
        assert_eq!(found, [true, false, true, true]);
    }

    #[test]
    fn a_session_that_comes_and_goes_does_not_fill_the_disk() {
        let folder = Folder::new("long");
        let ann = Subject::of_token("ann");
        let lines = || {
            std::fs::read_to_string(folder.file())
                .unwrap()
                .lines()
                .count()
        };
        {
            let local = Local::restore(Journal::open(&folder.file()).unwrap(), 0);
            local.record(&ann, &id("a"), 1).unwrap();
            for n in 0..SPARE_LINES + 2 {
                let standing = [Standing::Linked, Standing::Pending][n % 2];
                local.saw(&id("a"), standing).unwrap();
            }
            assert!(lines() < 10, "{}", lines());
            local.record(&ann, &id("b"), 1).unwrap();
        }
        let local = Local::restore(Journal::open(&folder.file()).unwrap(), 0);
        assert_eq!(local.of(&ann, Which::All), [id("b"), id("a")]);
    }

    #[test]
    fn two_processes_cannot_share_a_journal() {
        let folder = Folder::new("lock");
        let first = Journal::open(&folder.file()).unwrap();
        assert!(matches!(
            Journal::open(&folder.file()),
            Err(JournalError::InUse)
        ));
        drop(first);
        assert!(Journal::open(&folder.file()).is_ok());
    }
}
