use super::*;
use proptest::prelude::*;

const KINDS: [Kind; 4] = Kind::ALL;

fn kind() -> impl Strategy<Value = Kind> {
    (0..KINDS.len()).prop_map(|at| KINDS[at])
}

#[derive(Debug, Clone)]
enum Step {
    Insert(Kind),
    /// Of the tokens given out so far, this one (modulo).
    Get(Kind, usize),
    Remove(Kind, usize),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => kind().prop_map(Step::Insert),
        4 => (kind(), any::<usize>()).prop_map(|(kind, at)| Step::Get(kind, at)),
        4 => (kind(), any::<usize>()).prop_map(|(kind, at)| Step::Remove(kind, at)),
        1 => Just(Step::Drain),
    ]
}

/// What has to come of a token: `None` once it is freed.
struct Given {
    token: usize,
    held: Option<(Kind, usize)>,
}

impl Given {
    fn expected(&self, wanted: Kind) -> Result<usize, Miss> {
        match self.held {
            None => Err(Miss::Freed),
            Some((kind, value)) if kind == wanted => Ok(value),
            Some((kind, _)) => Err(Miss::Other(kind)),
        }
    }
}

proptest! {
    #[test]
    fn as_a_list_of_all_that_was_given_out(steps in prop::collection::vec(step(), 0..200)) {
        let registry = Registry::new(1);
        let mut given: Vec<Given> = Vec::new();
        for (value, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert(kind) => {
                    let token = registry.insert(kind, value).unwrap();
                    prop_assert!(given.iter().all(|other| other.token != token), "given out twice");
                    given.push(Given { token, held: Some((kind, value)) });
                }
                Step::Get(kind, at) if !given.is_empty() => {
                    let it = &given[at % given.len()];
                    prop_assert_eq!(registry.get(kind, it.token, |value| *value), it.expected(kind));
                }
                Step::Remove(kind, at) if !given.is_empty() => {
                    let at = at % given.len();
                    let expected = given[at].expected(kind);
                    prop_assert_eq!(registry.remove(kind, given[at].token), expected);
                    if expected.is_ok() {
                        given[at].held = None;
                    }
                }
                Step::Get(..) | Step::Remove(..) => {}
                Step::Drain => {
                    let mut drained = registry.drain();
                    drained.sort_unstable();
                    let held: Vec<_> = given.iter().filter_map(|it| it.held.map(|(_, value)| value)).collect();
                    prop_assert_eq!(drained, held);
                    given.iter_mut().for_each(|it| it.held = None);
                }
            }
            for kind in KINDS {
                let live = given.iter().filter(|it| it.held.is_some_and(|(held, _)| held == kind)).count();
                prop_assert_eq!(registry.count(kind), live);
            }
        }
    }

    #[test]
    fn what_was_never_given_out_leads_nowhere(token: usize) {
        let registry = Registry::new(1);
        let own = registry.insert(Kind::Session, ()).unwrap();
        for kind in KINDS {
            let found = registry.get(kind, token, |()| ());
            let is_own = token == own && kind == Kind::Session;
            prop_assert_eq!(found.is_ok(), is_own);
            prop_assert_eq!(registry.remove(kind, token & !1), Err(Miss::Foreign), "an even value");
        }
    }

    #[test]
    fn a_token_is_its_fields(at in 0..4usize, process: usize, index: usize, generation: usize) {
        let token = Token {
            kind: KINDS[at],
            process: process & ones(PROCESS_BITS),
            index: index & ones(INDEX_BITS),
            generation: generation & ones(GENERATION_BITS),
        };
        prop_assert_eq!(Token::unpack(token.pack()), Some(token));
    }
}

#[test]
fn freed_slots_are_reused_last() {
    let registry = Registry::new(1);
    let tokens: Vec<usize> = (0..3).map(|value| registry.insert(Kind::Reader, value).unwrap()).collect();
    let index = |token: usize| Token::unpack(token).unwrap().index;
    for token in [tokens[1], tokens[0], tokens[2]] {
        registry.remove(Kind::Reader, token).unwrap();
    }
    let again: Vec<usize> =
        (0..4).map(|value| index(registry.insert(Kind::Reader, value).unwrap())).collect();
    assert_eq!(again, [1, 0, 2, 3]);
}

#[test]
fn when_the_generations_are_used_up_they_begin_anew() {
    let registry = Registry::new(1);
    let first = registry.insert(Kind::Config, 1).unwrap();
    registry.table.write().slots[0].generation = ones(GENERATION_BITS);
    let last = Token { generation: ones(GENERATION_BITS), ..Token::unpack(first).unwrap() }.pack();
    assert_eq!(registry.remove(Kind::Config, last), Ok(1));
    assert_eq!(registry.insert(Kind::Config, 2), Ok(first));
}

#[test]
fn a_full_registry_gives_the_object_back() {
    let registry = Registry::new(1);
    for _ in 0..=ones(INDEX_BITS) {
        registry.insert(Kind::Config, 0).unwrap();
    }
    assert_eq!(registry.insert(Kind::Config, 7), Err(7));
    assert_eq!(registry.drain().len(), ones(INDEX_BITS) + 1);
    registry.insert(Kind::Config, 8).unwrap();
}

#[test]
fn tokens_of_a_parent_are_told_from_those_of_nobody() {
    let processes: Vec<Registry<u64>> = (1..=4).map(Registry::new).collect();
    let tokens: Vec<usize> =
        processes.iter().map(|own| own.insert(Kind::Session, own.process).unwrap()).collect();
    for (at, own) in processes.iter().enumerate() {
        for (other, token) in tokens.iter().enumerate() {
            let found = own.get(Kind::Session, *token, |process| *process);
            let expected = match other.cmp(&at) {
                std::cmp::Ordering::Less => Err(Miss::Forked),
                std::cmp::Ordering::Equal => Ok(own.process),
                std::cmp::Ordering::Greater => Err(Miss::Foreign),
            };
            assert_eq!(found, expected, "{at} {other}");
        }
    }
}
