//! A relocatable WebAssembly object and what is taken out of it.

use std::collections::{HashMap, HashSet};

use crate::code::{Instruction, instructions};

type Result<T> = std::result::Result<T, String>;

/// Reads integers and names as the binary format writes them.
pub struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl Reader<'_> {
    pub fn byte(&mut self) -> Result<u8> {
        let byte = self.bytes.get(self.at).ok_or("it ends too early")?;
        self.at += 1;
        Ok(*byte)
    }

    /// LEB128; a signed one reads as its bits.
    pub fn number(&mut self) -> Result<usize> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 127).checked_shl(shift).unwrap_or(0);
            shift += 7;
            if byte < 128 {
                return Ok(value as usize);
            }
        }
    }

    fn name(&mut self) -> Result<String> {
        let length = self.number()?;
        let name = self
            .bytes
            .get(self.at..self.at + length)
            .ok_or("a name ends too early")?;
        self.at += length;
        Ok(String::from_utf8_lossy(name).into_owned())
    }
}

fn push_number(out: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Section {
    id: u8,
    name: String,
    /// Where what relocations count from begins.
    base: usize,
    /// Where the content begins: after the name, if it has one.
    start: usize,
    end: usize,
}

enum Symbol {
    /// Index and name; `None` for one that another object defines.
    Function(usize, Option<String>),
    /// Segment, offset.
    Data(usize, usize),
    Other,
}

struct Relocation {
    kind: u8,
    /// From the section's base.
    at: usize,
    symbol: usize,
    addend: Vec<u8>,
}

impl Relocation {
    const TABLE_INDEX_SLEB: u8 = 1;
    const MEMORY_ADDR_SLEB: u8 = 4;

    /// It fills in the five bytes of an `i32.const`.
    fn is_constant(&self) -> bool {
        matches!(self.kind, Self::TABLE_INDEX_SLEB | Self::MEMORY_ADDR_SLEB)
    }
}

pub struct Object {
    bytes: Vec<u8>,
    sections: Vec<Section>,
    symbols: Vec<Symbol>,
    /// Where the instructions of each function defined here begin and end.
    functions: Vec<(usize, usize)>,
    imported: usize,
    segments: Vec<(usize, usize)>,
    code: Vec<Relocation>,
    data: Vec<Relocation>,
}

impl Object {
    /// `None` for what is no WebAssembly or holds no code.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>> {
        if !bytes.starts_with(b"\0asm\x01\0\0\0") {
            return Ok(None);
        }
        let mut object = Self {
            bytes: bytes.to_vec(),
            sections: Vec::new(),
            symbols: Vec::new(),
            functions: Vec::new(),
            imported: 0,
            segments: Vec::new(),
            code: Vec::new(),
            data: Vec::new(),
        };
        let mut reader = Reader { bytes, at: 8 };
        while reader.at < bytes.len() {
            let id = reader.byte()?;
            let length = reader.number()?;
            let base = reader.at;
            let name = if id == 0 {
                reader.name()?
            } else {
                String::new()
            };
            let (start, end) = (reader.at, base + length);
            object.sections.push(Section {
                id,
                name,
                base,
                start,
                end,
            });
            reader.at = end;
        }
        for at in 0..object.sections.len() {
            let Section {
                id,
                ref name,
                start,
                end,
                ..
            } = object.sections[at];
            let mut reader = Reader { bytes, at: start };
            match (id, name.as_str()) {
                (2, _) => object.imported = imported_functions(&mut reader)?,
                (10, _) => object.functions = bodies(&mut reader)?,
                (11, _) => object.segments = segments(&mut reader)?,
                (0, "linking") => object.symbols = symbols(&mut reader, end)?,
                (0, "reloc.CODE") => object.code = relocations(&mut reader)?,
                (0, "reloc.DATA") => object.data = relocations(&mut reader)?,
                _ => {}
            }
        }
        Ok((!object.functions.is_empty()).then_some(object))
    }

    /// Lets functions that only report a panic trap at once, and drops every reference that is handed to them alone.
    pub fn without_last_words(mut self) -> Self {
        let Some(base) = self.base(10) else {
            return self;
        };
        let at: HashMap<usize, usize> = self
            .code
            .iter()
            .enumerate()
            .map(|(index, one)| (one.at + base, index))
            .collect();
        let bodies: Vec<Vec<Instruction>> = self
            .functions
            .iter()
            .map(|&(start, end)| instructions(&self.bytes, start, end))
            .collect();
        let callee = |call: &Instruction| match self
            .symbols
            .get(self.code[*at.get(&(call.at + 1))?].symbol)?
        {
            Symbol::Function(index, name) => Some((*index, name.as_deref())),
            _ => None,
        };
        let silent = silent(&bodies, self.imported, callee);

        let places: HashSet<usize> = (0..self.symbols.len())
            .filter(|&symbol| self.is_place(symbol))
            .collect();
        let mut dropped: HashSet<usize> = HashSet::new();
        dropped.extend((0..self.code.len()).filter(|&one| {
            self.code[one].is_constant() && places.contains(&self.code[one].symbol)
        }));
        for body in &bodies {
            // What was put on the stack since the last branch or call goes nowhere else than into the call that ends here.
            let mut since = Vec::new();
            for instruction in body {
                if instruction.is_constant() {
                    since.extend(
                        at.get(&(instruction.at + 1))
                            .filter(|&&one| self.code[one].is_constant()),
                    );
                } else if instruction.is_call()
                    && callee(instruction).is_some_and(|(index, _)| silent.contains(&index))
                {
                    dropped.extend(&since);
                }
                if instruction.ends_block() {
                    since.clear();
                }
            }
        }
        for &one in &dropped {
            let at = self.code[one].at + base;
            self.bytes[at..at + 5].copy_from_slice(&[0x80, 0x80, 0x80, 0x80, 0]);
        }
        for index in silent {
            let (start, end) = self.functions[index - self.imported];
            // `unreachable`, then `nop` as far as the body went: nothing else in the object has to move.
            self.bytes[start] = 0x00;
            self.bytes[start + 1..end - 1].fill(0x01);
            dropped.extend(
                (0..self.code.len())
                    .filter(|&one| (start..end).contains(&(self.code[one].at + base))),
            );
        }
        let mut index = 0;
        self.code.retain(|_| {
            index += 1;
            !dropped.contains(&(index - 1))
        });
        self
    }

    /// Lets each function of `fmt` that `is_muted` knows by name write nothing and succeed.
    pub fn without_words(mut self, is_muted: impl Fn(&str) -> bool) -> Self {
        let Some(base) = self.base(10) else {
            return self;
        };
        for symbol in &self.symbols {
            let Symbol::Function(index, Some(name)) = symbol else {
                continue;
            };
            if *index < self.imported || !is_muted(name) {
                continue;
            }
            let (start, end) = self.functions[index - self.imported];
            // `i32.const 0`, which is `Ok(())`, and `return`; `nop` where there is more.
            const OK: [u8; 3] = [0x41, 0x00, 0x0f];
            if end - start > OK.len() {
                self.bytes[start..start + OK.len()].copy_from_slice(&OK);
                self.bytes[start + OK.len()..end - 1].fill(0x01);
                self.code
                    .retain(|one| !(start..end).contains(&(one.at + base)));
            }
        }
        self
    }

    fn base(&self, section: u8) -> Option<usize> {
        let found = self.sections.iter().find(|one| one.id == section);
        found.map(|one| one.base)
    }

    /// A `core::panic::Location`: a text that ends in `.rs`, its length, line and column.
    fn is_place(&self, symbol: usize) -> bool {
        let Some(base) = self.base(11) else {
            return false;
        };
        let text = || {
            let Symbol::Data(segment, 0) = self.symbols[symbol] else {
                return None;
            };
            let (start, end) = *self.segments.get(segment)?;
            if end - start != 16 {
                return None;
            }
            let mut within = self
                .data
                .iter()
                .skip(self.data.partition_point(|one| one.at + base < start));
            let first = within.next().filter(|one| one.at + base == start)?;
            if within.next().is_some_and(|next| next.at + base < end) {
                return None;
            }
            let length =
                u32::from_le_bytes(self.bytes[start + 4..start + 8].try_into().ok()?) as usize;
            let Symbol::Data(segment, offset) = *self.symbols.get(first.symbol)? else {
                return None;
            };
            let start = self.segments.get(segment)?.0 + offset;
            self.bytes.get(start..start + length)
        };
        text().is_some_and(|text| text.ends_with(b".rs"))
    }

    /// Drops the descriptions of `libraries`' bindings; notes the mark at the end of each of their names.
    pub fn without_bindings(mut self, libraries: &[&str], marks: &mut Vec<String>) -> Self {
        let Some(section) = self
            .sections
            .iter()
            .position(|one| one.name == "__wasm_bindgen_unstable")
        else {
            return self;
        };
        let (start, end) = (self.sections[section].start, self.sections[section].end);
        let mut kept = Vec::new();
        let mut at = start;
        while at < end {
            // Each description is two pieces, a version and a program, each behind its length; the program names its crate.
            let from = at;
            for _ in 0..2 {
                let length = self
                    .bytes
                    .get(at..at + 4)
                    .and_then(|four| four.try_into().ok())
                    .map_or(0, u32::from_le_bytes);
                at += 4 + length as usize;
            }
            let piece = &self.bytes[from..at.min(end)];
            match libraries.iter().find_map(|library| mark_of(piece, library)) {
                Some(mark) if !marks.contains(&mark) => marks.push(mark),
                Some(_) => {}
                None => kept.extend_from_slice(piece),
            }
        }
        // Sections are written in order with their lengths, so only this one's end has to move.
        let spare = end - start - kept.len();
        self.bytes[start..start + kept.len()].copy_from_slice(&kept);
        self.sections[section].end -= spare;
        self
    }

    pub fn write(&self) -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        for (index, section) in self.sections.iter().enumerate() {
            let mut content = Vec::new();
            if section.id == 0 {
                push_number(&mut content, section.name.len());
                content.extend_from_slice(section.name.as_bytes());
            }
            if section.name == "reloc.CODE" {
                let target = self.sections.iter().position(|one| one.id == 10);
                push_number(&mut content, target.unwrap_or(index));
                push_number(&mut content, self.code.len());
                for one in &self.code {
                    content.push(one.kind);
                    push_number(&mut content, one.at);
                    push_number(&mut content, one.symbol);
                    content.extend_from_slice(&one.addend);
                }
            } else {
                content.extend_from_slice(&self.bytes[section.start..section.end]);
            }
            out.push(section.id);
            push_number(&mut out, content.len());
            out.extend_from_slice(&content);
        }
        out
    }
}

/// The mark of `library`, where the description is one of its: crates are named `name-0123456789abcdef`.
fn mark_of(description: &[u8], library: &str) -> Option<String> {
    const MARK: usize = 16;
    let name = [library, "-"].concat();
    let at = description
        .windows(name.len())
        .position(|window| window == name.as_bytes())?
        + name.len();
    let mark = description.get(at..at + MARK)?;
    mark.iter()
        .all(u8::is_ascii_hexdigit)
        .then(|| format!("_{}", String::from_utf8_lossy(mark)))
}

/// Functions that do no more than report a panic and never return: std's own, and those that end in one of them without calling out.
fn silent<'a>(
    bodies: &[Vec<Instruction>],
    imported: usize,
    callee: impl Fn(&Instruction) -> Option<(usize, Option<&'a str>)>,
) -> HashSet<usize> {
    // The compiler puts `unreachable` after a call that does not return.
    let calls = |body: &[Instruction]| -> Vec<(Option<(usize, Option<&'a str>)>, bool)> {
        let last = |at: usize| body.get(at + 1).is_some_and(Instruction::is_unreachable);
        let calls = body.iter().enumerate().filter(|(_, one)| one.is_call());
        calls.map(|(at, one)| (callee(one), last(at))).collect()
    };
    let calls: Vec<_> = bodies.iter().map(|body| calls(body)).collect();
    let mut endless: HashMap<usize, &str> = HashMap::new();
    for &(target, last) in calls.iter().flatten() {
        if let (Some((index, Some(name))), true) = (target, last)
            && index >= imported
        {
            endless.insert(index, name);
        }
    }
    let mut silent: HashSet<usize> = endless
        .iter()
        .filter(|(_, name)| is_of_std(name))
        .map(|(index, _)| *index)
        .collect();
    loop {
        let more = endless.keys().copied().filter(|index| {
            let calls = &calls[index - imported];
            // One that throws into JavaScript is meant to be heard.
            let heard = calls.iter().any(|(target, _)| match target {
                Some((callee, _)) => {
                    *callee < imported || (endless.contains_key(callee) && !silent.contains(callee))
                }
                None => true,
            });
            let ends = calls.iter().any(|(target, last)| {
                *last && target.is_some_and(|(callee, _)| silent.contains(&callee))
            });
            !silent.contains(index) && !heard && ends
        });
        let more: Vec<usize> = more.collect();
        if more.is_empty() {
            return silent;
        }
        silent.extend(more);
    }
}

/// Both manglings write a path as lengths and names, and begin an item of std with its crate.
fn is_of_std(name: &str) -> bool {
    // Before the crate stand the kind of mangling and, in the newer one, the kind of item and the crate's own mark.
    const LONGEST: usize = 32;
    let of = |path: &str| name.find(path).is_some_and(|at| at < LONGEST);
    ["4core", "5alloc", "3std", "7___rustc"].into_iter().any(of)
}

fn imported_functions(reader: &mut Reader<'_>) -> Result<usize> {
    let mut functions = 0;
    for _ in 0..reader.number()? {
        reader.name()?;
        reader.name()?;
        let kind = reader.byte()?;
        if matches!(kind, 1 | 3 | 4) {
            reader.byte()?;
        }
        match kind {
            0 | 4 => {
                reader.number()?;
            }
            1 | 2 => {
                let bounded = reader.byte()? & 1 != 0;
                reader.number()?;
                if bounded {
                    reader.number()?;
                }
            }
            3 => {
                reader.byte()?;
            }
            _ => return Err(format!("an import of kind {kind}")),
        }
        functions += usize::from(kind == 0);
    }
    Ok(functions)
}

fn bodies(reader: &mut Reader<'_>) -> Result<Vec<(usize, usize)>> {
    let mut bodies = Vec::new();
    for _ in 0..reader.number()? {
        let length = reader.number()?;
        let end = reader.at + length;
        for _ in 0..reader.number()? {
            reader.number()?;
            reader.byte()?;
        }
        bodies.push((reader.at, end));
        reader.at = end;
    }
    Ok(bodies)
}

fn segments(reader: &mut Reader<'_>) -> Result<Vec<(usize, usize)>> {
    let mut segments = Vec::new();
    for _ in 0..reader.number()? {
        // Active in the only memory, at a constant.
        if reader.number()? == 0 {
            while reader.byte()? != 0x0b {
                reader.number()?;
            }
        }
        let length = reader.number()?;
        segments.push((reader.at, reader.at + length));
        reader.at += length;
    }
    Ok(segments)
}

fn symbols(reader: &mut Reader<'_>, end: usize) -> Result<Vec<Symbol>> {
    const TABLE: u8 = 8;
    const UNDEFINED: usize = 0x10;
    const NAMED: usize = 0x40;
    let mut symbols = Vec::new();
    reader.number()?;
    while reader.at < end {
        let kind = reader.byte()?;
        let length = reader.number()?;
        let next = reader.at + length;
        if kind == TABLE {
            for _ in 0..reader.number()? {
                let kind = reader.byte()?;
                let flags = reader.number()?;
                let defined = flags & UNDEFINED == 0;
                symbols.push(match kind {
                    1 => {
                        reader.name()?;
                        if defined {
                            let symbol = Symbol::Data(reader.number()?, reader.number()?);
                            reader.number()?;
                            symbol
                        } else {
                            Symbol::Other
                        }
                    }
                    3 => {
                        reader.number()?;
                        Symbol::Other
                    }
                    _ => {
                        let index = reader.number()?;
                        let name = if defined || flags & NAMED != 0 {
                            Some(reader.name()?)
                        } else {
                            None
                        };
                        if kind == 0 {
                            Symbol::Function(index, name.filter(|_| defined))
                        } else {
                            Symbol::Other
                        }
                    }
                });
            }
        }
        reader.at = next;
    }
    Ok(symbols)
}

fn relocations(reader: &mut Reader<'_>) -> Result<Vec<Relocation>> {
    let mut relocations = Vec::new();
    reader.number()?;
    for _ in 0..reader.number()? {
        let kind = reader.byte()?;
        let (at, symbol) = (reader.number()?, reader.number()?);
        let from = reader.at;
        if matches!(kind, 3..=5 | 8 | 9 | 11 | 14..=17 | 21..=23 | 25) {
            reader.number()?;
        }
        let addend = reader.bytes[from..reader.at].to_vec();
        relocations.push(Relocation {
            kind,
            at,
            symbol,
            addend,
        });
    }
    Ok(relocations)
}
