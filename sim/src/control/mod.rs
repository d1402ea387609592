//! The control API: what tests and demonstrations do to the simulated world, and what they ask of it.

mod ask;
pub(crate) mod http;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::faults::{Fault, SetFault};
use crate::http::connection::Shared;
use crate::people::Person;
use crate::requests::SeenRequest;
use crate::script::Script;
use crate::state::ids::AppId;
use crate::state::world::World;
use crate::story::{StoryAction, StoryStep};
use crate::switches::Switches;
use crate::truth::Truth;
use crate::without::LeftOut;

pub use ask::{Ask, AskKind};

/// Why the control API could not do something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such thing.
    #[error("there is no {0}")]
    NotFound(String),
    /// It cannot be done as things are.
    #[error("{0}")]
    Impossible(String),
}

/// The control API of a simulator, as methods. Clones share the simulator.
#[derive(Debug, Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The truth about everything.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.shared.world().truth()
    }

    /// Waits until the truth is as wanted, and gives it.
    ///
    /// # Errors
    /// Gives the truth as it is when the time has passed.
    pub fn wait_until(&self, limit: Duration, wanted: impl Fn(&Truth) -> bool) -> Result<Truth, Box<Truth>> {
        let end = Instant::now() + limit;
        loop {
            let truth = self.truth();
            if wanted(&truth) {
                return Ok(truth);
            }
            if Instant::now() > end {
                return Err(Box::new(truth));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The requests that were seen, in the order of their arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.world().requests.list()
    }

    /// Forgets the requests that were seen.
    pub fn forget_requests(&self) {
        self.shared.world().requests.clear();
    }

    /// What the simulator was started with.
    #[must_use]
    pub fn script(&self) -> Script {
        Script::from(self.shared.settings.as_ref())
    }

    /// The switches as they are now.
    #[must_use]
    pub fn switches(&self) -> Switches {
        self.shared.world().switches.clone()
    }

    /// Changes switches; what has begun goes on as it began.
    pub fn change_switches(&self, change: impl FnOnce(&mut Switches)) {
        let mut world = self.shared.world();
        change(&mut world.switches);
        let names = world.switches.without.clone();
        world.without.set(&names);
    }

    /// The simulated people.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        self.shared.world().people.clone()
    }

    /// Adds a person, or replaces the one with this address.
    ///
    /// # Errors
    /// The address is none.
    pub fn add_person(&self, person: Person) -> Result<(), ControlError> {
        if crate::uri::domain(&person.uri).is_none() && !crate::uri::is_phone(&person.uri) {
            return Err(ControlError::Impossible(format!(
                "\"{}\" is neither of the form sip:name@domain nor tel:number",
                person.uri
            )));
        }
        let mut world = self.shared.world();
        world.people.retain(|known| !crate::uri::same(&known.uri, &person.uri));
        world.people.push(person);
        Ok(())
    }

    /// Removes a person: invitations of this address find nobody any more. Who is in a meeting stays there.
    ///
    /// # Errors
    /// There is no such person.
    pub fn remove_person(&self, uri: &str) -> Result<(), ControlError> {
        let mut world = self.shared.world();
        let before = world.people.len();
        world.people.retain(|known| !crate::uri::same(&known.uri, uri));
        if world.people.len() == before {
            return Err(ControlError::NotFound(format!("person {uri}")));
        }
        drop(world);
        Ok(())
    }

    /// Lets a person send a user a message, who has to have called makeMeAvailable.
    ///
    /// # Errors
    /// The user cannot be reached.
    pub fn message(&self, from: &str, to: &str, text: &str) -> Result<(), ControlError> {
        let ask = Ask { text: Some(text.to_owned()), ..Ask::new(AskKind::Messaging, to) };
        self.ask(from, &ask)
    }

    /// Lets a person ask a user, who has to have called makeMeAvailable, for a conversation or into a meeting. Every
    /// application of the user that called it rings.
    ///
    /// # Errors
    /// The user cannot be reached, or there is no such meeting.
    pub fn ask(&self, from: &str, ask: &Ask) -> Result<(), ControlError> {
        self.shared.with(|world| {
            let room = ask.meeting.as_deref().map(|meeting| find_meeting(world, meeting)).transpose()?;
            let asked = match ask.kind {
                AskKind::Messaging => world.message_from_person(from, &ask.to, &ask.wish()),
                AskKind::Meeting => world.invite_from_person(from, &ask.to, room, &ask.wish()),
            };
            asked.ok_or_else(|| {
                ControlError::Impossible(format!(
                    "{} cannot be reached: no application of his called makeMeAvailable",
                    ask.to
                ))
            })
        })
    }

    /// Lets a person take back everything that he asked a user for and that was not answered; says how much.
    pub fn withdraw(&self, from: &str, to: &str) -> usize {
        self.shared.with(|world| world.withdraw_from_person(from, to))
    }

    /// What is left out by the switch `without`, with how often that made a difference.
    #[must_use]
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.shared.world().without.list()
    }

    /// Makes something happen in a meeting, which is named by its URI or its conference key.
    ///
    /// # Errors
    /// There is no such meeting, or it cannot happen there now.
    pub fn happen(&self, meeting: &str, step: &StoryStep) -> Result<(), ControlError> {
        if let Some(problem) = step.problem() {
            return Err(ControlError::Impossible(problem.into()));
        }
        self.shared.with(|world| {
            let room = find_meeting(world, meeting)?;
            let done = world.happen(room, step);
            let who = step.uri.as_deref().unwrap_or("anybody");
            let impossible =
                || ControlError::Impossible(format!("{:?} of {who} is not possible now", step.action));
            if done { Ok(()) } else { Err(impossible()) }
        })
    }

    /// Somebody comes into a meeting, past the lobby.
    ///
    /// # Errors
    /// There is no such meeting, or he is in it already.
    pub fn join(&self, meeting: &str, uri: &str) -> Result<(), ControlError> {
        self.happen(meeting, &StoryStep::new(0, StoryAction::Join, uri))
    }

    /// Somebody leaves a meeting.
    ///
    /// # Errors
    /// There is no such meeting, or he is not in it.
    pub fn leave(&self, meeting: &str, uri: &str) -> Result<(), ControlError> {
        self.happen(meeting, &StoryStep::new(0, StoryAction::Leave, uri))
    }

    /// Sets a fault and gives its number.
    pub fn set_fault(&self, fault: Fault) -> u64 {
        self.shared.world().faults.set(fault)
    }

    /// The faults that are set, with how often each has hit.
    #[must_use]
    pub fn faults(&self) -> Vec<SetFault> {
        self.shared.world().faults.list()
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.shared.world().faults.clear(None);
    }

    /// Takes one fault away.
    ///
    /// # Errors
    /// There is no such fault.
    pub fn clear_fault(&self, id: u64) -> Result<(), ControlError> {
        let cleared = self.shared.world().faults.clear(Some(id));
        if cleared { Ok(()) } else { Err(ControlError::NotFound(format!("fault {id}"))) }
    }

    /// Ends the tokens of one account, or all; says how many.
    pub fn expire_tokens(&self, of: Option<&str>) -> usize {
        self.shared.world().tokens.expire(of)
    }

    /// Loses an application, as a server does that restarts.
    ///
    /// # Errors
    /// There is no such application.
    pub fn lose_application(&self, id: &str) -> Result<(), ControlError> {
        self.with_application(id, World::lose_application)
    }

    /// Closes an application's conversations and lets its event channel say `resume`.
    ///
    /// # Errors
    /// There is no such application.
    pub fn resume_application(&self, id: &str) -> Result<(), ControlError> {
        self.with_application(id, World::resume_application)
    }

    fn with_application(&self, id: &str, act: fn(&mut World, AppId)) -> Result<(), ControlError> {
        self.shared.with(|world| {
            let app = id.parse().ok().filter(|app| world.applications.contains_key(app));
            let app = app.ok_or_else(|| ControlError::NotFound(format!("application {id}")))?;
            act(world, app);
            Ok(())
        })
    }
}

fn find_meeting(world: &World, name: &str) -> Result<crate::state::ids::RoomId, ControlError> {
    let named = |meeting: &&crate::state::meeting::Meeting| {
        meeting.id.eq_ignore_ascii_case(name) || crate::uri::same(&meeting.uri, name)
    };
    let meeting = world.meetings.values().filter(|meeting| !meeting.deleted).find(named);
    meeting.map(|meeting| meeting.room).ok_or_else(|| ControlError::NotFound(format!("meeting {name}")))
}
