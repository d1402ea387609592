//! Everything there is, behind one lock, and the clock that drives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

use super::application::Application;
use super::conversation::Conversation;
use super::event::{Event, Word};
use super::ids::{AppId, ConversationId, InvitationId, MemberId, RoomId};
use super::invitation::Invitation;
use super::meeting::Meeting;
use super::room::Room;
use super::token::Tokens;
use crate::faults::FaultBook;
use crate::people::Person;
use crate::requests::RequestLog;
use crate::settings::{Settings, User};
use crate::story::StoryStep;
use crate::switches::Switches;
use crate::without::{Effect, Without};

/// Ten years: further ahead nothing is planned, and no clock overflows.
const FAR_MS: u64 = 315_360_000_000;

/// What the clock will do.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// The server takes a conversation on from Connecting into its meeting.
    EnterMeeting(ConversationId),
    /// The server connects the messaging that was added to a meeting.
    ConnectMessaging(ConversationId, InvitationId),
    /// Somebody answers an invitation.
    Answer(InvitationId),
    /// It goes through a state while it rings.
    Step(InvitationId, String),
    /// A conversation between two is a meeting now.
    Escalate(ConversationId, InvitationId),
    /// Nobody answered it.
    NoAnswer(InvitationId),
    /// Somebody has stopped typing, unless he typed again since.
    StopTyping(RoomId, MemberId, u64),
    /// Somebody has waited in the lobby for too long.
    LobbyTimeout(RoomId, MemberId),
    /// A step of the story, by its number.
    Story(RoomId, usize),
    /// An application may have been silent for too long.
    Silence(AppId),
    /// A user has done nothing for a while, unless he did since.
    Inactive(AppId, u64),
    /// He has done nothing for too long.
    ExpireInactive(AppId, u64),
    /// A presence subscription runs out, unless it was extended to a later serial number.
    EndSubscription(AppId, u64, u64),
}

/// The world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) switches: Switches,
    pub(crate) without: Without,
    pub(crate) users: Vec<User>,
    pub(crate) people: Vec<Person>,
    pub(crate) domain: String,
    pub(crate) windows_user: Option<String>,
    pub(crate) story: Vec<StoryStep>,
    pub(crate) tokens: Tokens,
    pub(crate) applications: BTreeMap<AppId, Application>,
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    pub(crate) meetings: BTreeMap<String, Meeting>,
    pub(crate) conversations: BTreeMap<ConversationId, Conversation>,
    pub(crate) invitations: BTreeMap<InvitationId, Invitation>,
    /// Applications that ended because their users did nothing.
    pub(crate) expired: BTreeSet<AppId>,
    pub(crate) faults: FaultBook,
    pub(crate) requests: RequestLog,
    counter: u64,
    application_counter: u64,
    timers: BTreeMap<(Instant, u64), Action>,
    /// Who has to look again: channels with news.
    wake: Vec<Arc<Notify>>,
    /// Wakes the task that runs the timers.
    clock: Arc<Notify>,
}

impl World {
    pub(crate) fn new(settings: &Settings) -> Self {
        let named = settings.switches.windows_user.as_ref().or(settings.sign_in.as_ref());
        let is_named = |user: &&User| named.is_none_or(|uri| crate::uri::same(uri, &user.uri));
        let windows_user = settings.users.iter().find(is_named);
        let mut world = Self {
            switches: settings.switches.clone(),
            without: Without::default(),
            users: settings.users.clone(),
            people: settings.people.clone(),
            domain: settings.main_domain().to_owned(),
            windows_user: windows_user.map(|user| user.uri.clone()),
            story: settings.story.clone(),
            tokens: Tokens::default(),
            applications: BTreeMap::new(),
            rooms: BTreeMap::new(),
            meetings: BTreeMap::new(),
            conversations: BTreeMap::new(),
            invitations: BTreeMap::new(),
            expired: BTreeSet::new(),
            faults: FaultBook::default(),
            requests: RequestLog::default(),
            counter: 0,
            application_counter: 100,
            timers: BTreeMap::new(),
            wake: Vec::new(),
            clock: Arc::new(Notify::new()),
        };
        world.without.set(&settings.switches.without);
        for planned in &settings.meetings {
            world.plan_meeting(planned);
        }
        world
    }

    pub(crate) fn clock(&self) -> Arc<Notify> {
        Arc::clone(&self.clock)
    }

    /// A number that was not given out before.
    pub(crate) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(crate) fn application_number(&mut self) -> AppId {
        self.application_counter += 1;
        AppId(self.application_counter)
    }

    /// Lets something happen later.
    pub(crate) fn after(&mut self, millis: u64, action: Action) {
        let at = Instant::now() + Duration::from_millis(millis.min(FAR_MS));
        let number = self.number();
        self.timers.insert((at, number), action);
        self.clock.notify_one();
    }

    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.timers.first_key_value().map(|((at, _), _)| *at)
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Instant) {
        while self.next_timer().is_some_and(|at| at <= now) {
            if let Some((_, action)) = self.timers.pop_first() {
                self.act(action);
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::EnterMeeting(conversation) => self.enter_meeting(conversation),
            Action::ConnectMessaging(conversation, invitation) => {
                self.connect_messaging(conversation, invitation);
            }
            Action::Answer(invitation) => self.answer(invitation),
            Action::Step(invitation, state) => self.step(invitation, Word::Owned(state)),
            Action::Escalate(conversation, invitation) => self.finish_escalation(conversation, invitation),
            Action::NoAnswer(invitation) => self.no_answer(invitation),
            Action::StopTyping(room, member, serial) => self.stop_typing(room, member, Some(serial)),
            Action::LobbyTimeout(room, member) => {
                if !self.lacks(Effect::LobbyTimeout) {
                    self.reject(room, member);
                }
            }
            Action::Story(room, step) => self.tell_story(room, step),
            Action::Silence(app) => self.check_silence(app),
            Action::Inactive(app, serial) => self.inactive(app, serial),
            Action::ExpireInactive(app, serial) => self.expire_inactive(app, serial),
            Action::EndSubscription(app, id, serial) => self.end_subscription(app, id, Some(serial)),
        }
    }

    /// How many steps of stories are still to come.
    pub(crate) fn story_steps_left(&self) -> usize {
        self.timers.values().filter(|action| matches!(action, Action::Story(..))).count()
    }

    pub(crate) fn forget_story(&mut self, room: RoomId) {
        self.timers.retain(|_, action| !matches!(action, Action::Story(of, _) if *of == room));
    }

    /// Whether an effect is left out.
    pub(crate) fn lacks(&self, effect: Effect) -> bool {
        self.without.effect(effect)
    }

    /// Puts an event on every channel of an application.
    pub(crate) fn tell(&mut self, app: AppId, event: Event) {
        if self.without.event(&event) {
            return;
        }
        let now = Instant::now();
        let Some(application) = self.applications.get_mut(&app) else {
            return;
        };
        for instance in &mut application.instances {
            instance.channel.queue(event.clone(), &self.switches, now);
            self.wake.push(instance.channel.notify());
        }
    }

    pub(crate) fn wake_later(&mut self, notify: Arc<Notify>) {
        self.wake.push(notify);
    }

    /// Those who have to look again. They are woken when the answer that brought the news about is written, so
    /// that an operation's 201 comes before its events unless a fault says otherwise.
    pub(crate) fn take_wake(&mut self) -> Vec<Arc<Notify>> {
        std::mem::take(&mut self.wake)
    }

    pub(crate) fn person(&self, uri: &str) -> Option<&Person> {
        self.people.iter().find(|person| crate::uri::same(&person.uri, uri))
    }

    pub(crate) fn user(&self, uri: &str) -> Option<&User> {
        self.users.iter().find(|user| crate::uri::same(&user.uri, uri))
    }

    /// The display name of anybody known, or nothing.
    pub(crate) fn name_of(&self, uri: &str) -> String {
        let user = self.user(uri).map(|user| user.name.clone());
        user.or_else(|| self.person(uri).map(|person| person.name.clone())).unwrap_or_default()
    }
}

/// Milliseconds since 1970, the way dates are written.
pub(crate) fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as u64)
}

/// A date as JSON carries it.
pub(crate) fn date(unix_ms: u64) -> String {
    format!("/Date({unix_ms})/")
}
