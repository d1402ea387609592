//! Handles: checked tokens in pointer-typed values, never dereferenced.
//!
//! A token is (mark, kind, process, index, generation). The mark makes it odd, so no pointer to an object of C is one. A
//! slot's generation grows when it is freed, and freed slots are reused last, so a stale token stays stale for long.

use std::collections::VecDeque;

use crate::sync::RwLock;

/// What a handle stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Config = 1,
    Session = 2,
    Reader = 3,
    Subscription = 4,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Config, Kind::Session, Kind::Reader, Kind::Subscription];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Config => "config",
            Kind::Session => "session",
            Kind::Reader => "reader",
            Kind::Subscription => "subscription",
        }
    }

    fn from_bits(bits: usize) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| *kind as usize == bits)
    }
}

/// Why a token leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// Never given out.
    Foreign,
    /// Given out and freed.
    Freed,
    /// A handle of another kind.
    Other(Kind),
    /// Made before the fork that made this process.
    Forked,
}

/// The fields of a token, from the lowest bit: the mark (1 bit), then these.
const KIND_BITS: u32 = 3;
const PROCESS_BITS: u32 = if usize::BITS >= 64 { 8 } else { 3 };
const INDEX_BITS: u32 = if usize::BITS >= 64 { 20 } else { 13 };
const GENERATION_BITS: u32 = usize::BITS - 1 - KIND_BITS - PROCESS_BITS - INDEX_BITS;

const fn ones(bits: u32) -> usize {
    (1 << bits) - 1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    kind: Kind,
    process: usize,
    index: usize,
    generation: usize,
}

impl Token {
    fn pack(self) -> usize {
        let mut bits = self.generation;
        bits = bits << INDEX_BITS | self.index;
        bits = bits << PROCESS_BITS | self.process;
        bits = bits << KIND_BITS | self.kind as usize;
        bits << 1 | 1
    }

    fn unpack(mut bits: usize) -> Option<Token> {
        if bits & 1 == 0 {
            return None;
        }
        bits >>= 1;
        let mut field = |width: u32| {
            let value = bits & ones(width);
            bits >>= width;
            value
        };
        let kind = Kind::from_bits(field(KIND_BITS))?;
        let (process, index, generation) = (field(PROCESS_BITS), field(INDEX_BITS), field(GENERATION_BITS));
        Some(Token { kind, process, index, generation })
    }
}

/// What the live tokens of one process stand for.
pub(super) struct Registry<T> {
    /// The process's fork generation, from 1.
    process: u64,
    table: RwLock<Table<T>>,
}

struct Table<T> {
    slots: Vec<Slot<T>>,
    free: VecDeque<usize>,
}

struct Slot<T> {
    generation: usize,
    held: Option<(Kind, T)>,
}

impl<T> Registry<T> {
    pub(super) fn new(process: u64) -> Self {
        Registry { process, table: RwLock::new(Table { slots: Vec::new(), free: VecDeque::new() }) }
    }

    /// A token for this object. Gives the object back when there are too many.
    pub(super) fn insert(&self, kind: Kind, object: T) -> Result<usize, T> {
        let mut table = self.table.write();
        let index = match table.free.pop_front() {
            Some(index) => index,
            None if table.slots.len() > ones(INDEX_BITS) => return Err(object),
            None => {
                table.slots.push(Slot { generation: 1, held: None });
                table.slots.len() - 1
            }
        };
        let Some(slot) = table.slots.get_mut(index) else { return Err(object) };
        slot.held = Some((kind, object));
        Ok(Token { kind, process: self.mark(), index, generation: slot.generation }.pack())
    }

    /// Looks at the object behind a token, under the lock: `look` only clones.
    pub(super) fn get<R>(&self, kind: Kind, token: usize, look: impl FnOnce(&T) -> R) -> Result<R, Miss> {
        let token = self.own(token)?;
        let table = self.table.read();
        let (held, object) = table.held(token)?;
        if held == kind { Ok(look(object)) } else { Err(Miss::Other(held)) }
    }

    /// Takes the object; the token is stale from then on.
    pub(super) fn remove(&self, kind: Kind, token: usize) -> Result<T, Miss> {
        let token = self.own(token)?;
        let mut table = self.table.write();
        let (held, _) = table.held(token)?;
        if held != kind {
            return Err(Miss::Other(held));
        }
        table.take(token.index).ok_or(Miss::Freed)
    }

    /// Takes everything; every token is stale from then on.
    pub(super) fn drain(&self) -> Vec<T> {
        let mut table = self.table.write();
        (0..table.slots.len()).filter_map(|index| table.take(index)).collect()
    }

    /// How many handles of a kind live.
    pub(super) fn count(&self, kind: Kind) -> usize {
        let table = self.table.read();
        table.slots.iter().filter(|slot| slot.held.as_ref().is_some_and(|(held, _)| *held == kind)).count()
    }

    fn mark(&self) -> usize {
        (self.process & ones(PROCESS_BITS) as u64) as usize
    }

    /// The token's fields, if this process gave it out.
    fn own(&self, token: usize) -> Result<Token, Miss> {
        let token = Token::unpack(token).ok_or(Miss::Foreign)?;
        let age = self.mark().wrapping_sub(token.process) & ones(PROCESS_BITS);
        match age as u64 {
            0 => Ok(token),
            age if age < self.process => Err(Miss::Forked),
            _ => Err(Miss::Foreign),
        }
    }
}

impl<T> Table<T> {
    fn held(&self, token: Token) -> Result<(Kind, &T), Miss> {
        let slot = self.slots.get(token.index).ok_or(Miss::Foreign)?;
        match &slot.held {
            Some((kind, object)) if slot.generation == token.generation && *kind == token.kind => {
                Ok((*kind, object))
            }
            _ if token.generation != 0 && token.generation <= slot.generation => Err(Miss::Freed),
            _ => Err(Miss::Foreign),
        }
    }

    fn take(&mut self, index: usize) -> Option<T> {
        let slot = self.slots.get_mut(index)?;
        let (_, object) = slot.held.take()?;
        // After all of them the generations begin anew: a token that old is not to be expected any more.
        slot.generation = if slot.generation >= ones(GENERATION_BITS) { 1 } else { slot.generation + 1 };
        self.free.push_back(index);
        Some(object)
    }
}

#[cfg(test)]
mod tests;
