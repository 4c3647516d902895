//! A function's body as instructions, as far as telling them apart needs it.

use crate::object::Reader;

/// One instruction.
pub struct Instruction {
    opcode: u8,
    /// Where it begins in the object.
    pub at: usize,
}

impl Instruction {
    pub fn is_unreachable(&self) -> bool {
        self.opcode == 0x00
    }

    pub fn is_call(&self) -> bool {
        self.opcode == 0x10
    }

    /// `i32.const`.
    pub fn is_constant(&self) -> bool {
        self.opcode == 0x41
    }

    /// Control may come from elsewhere to what follows, or goes elsewhere.
    pub fn ends_block(&self) -> bool {
        matches!(self.opcode, 0x00 | 0x02..=0x19 | 0x1f)
    }
}

/// The instructions between `start` and `end`. One that is not known ends the list: what follows is then left as it is.
pub fn instructions(bytes: &[u8], start: usize, end: usize) -> Vec<Instruction> {
    let mut reader = Reader { bytes, at: start };
    let mut found = Vec::new();
    while reader.at < end {
        let at = reader.at;
        let Ok(opcode) = reader.byte() else { break };
        found.push(Instruction { opcode, at });
        if operands(&mut reader, opcode).is_err() {
            break;
        }
    }
    found
}

/// Passes over what belongs to an instruction (core specification, "Instructions", binary format).
fn operands(reader: &mut Reader<'_>, opcode: u8) -> Result<(), String> {
    let numbers = match opcode {
        0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x19..=0x1b | 0x45..=0xc4 | 0xd1 => 0,
        0x02..=0x04
        | 0x06..=0x09
        | 0x0c
        | 0x0d
        | 0x10
        | 0x12
        | 0x18
        | 0x20..=0x26
        | 0x3f..=0x42
        | 0xd0
        | 0xd2 => 1,
        0x11 | 0x13 | 0x28..=0x3e => 2,
        0x0e => reader.number()? + 1,
        0x1c => reader.number()?,
        0x43 => return skip(reader, 4),
        0x44 => return skip(reader, 8),
        0xfc => match reader.number()? {
            0..=7 => 0,
            8 | 10 | 12 | 14 => 2,
            9 | 11 | 13 | 15..=17 => 1,
            _ => return Err("unknown".into()),
        },
        _ => return Err("unknown".into()),
    };
    for _ in 0..numbers {
        reader.number()?;
    }
    Ok(())
}

fn skip(reader: &mut Reader<'_>, count: usize) -> Result<(), String> {
    reader.at += count;
    Ok(())
}
