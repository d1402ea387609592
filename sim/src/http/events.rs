//! The event channel's GET.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::sync::Notify;

use super::response::Response;
use super::router::{Call, Reply};
use crate::state::channel::{Arrival, Channel, Look, PGet};
use crate::state::ids::AppId;
use crate::state::world::World;

/// A P-GET that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    app: AppId,
    instance: Option<String>,
    ticket: u64,
    pub(crate) notify: Arc<Notify>,
}

/// What a waiting P-GET finds when it looks.
pub(crate) enum Found {
    Answer(Response),
    Nothing(Instant),
}

/// The answer to a request for an application that is not there.
pub(crate) fn lost(world: &World, id: Option<AppId>) -> Response {
    let (status, code, subcode) = world.lost_status(id);
    Response::error(status, code, subcode, "This application does not exist, or no longer.")
}

fn replaced() -> Response {
    Response::conflict("PGetReplaced", "Another pending GET took the place of this one.")
}

fn page(body: Value) -> Response {
    Response::json(200, body)
}

pub(crate) fn arrive(call: &mut Call<'_>) -> Reply {
    let instance = call.request.parameter("instanceId").map(str::to_owned);
    let request = PGet { path: call.request.path.clone(), query: call.request.query.clone() };
    let switches = call.world.switches.clone();
    let silence = switches.resume_after_ms.map(std::time::Duration::from_millis);
    let now = Instant::now();
    let away = channel(call.world, call.app, instance.as_deref()).and_then(|channel| channel.silent_since());
    if let (Some(limit), Some(since)) = (silence, away)
        && now.duration_since(since) > limit
    {
        call.world.resume_application(call.app);
    }
    let Some(channel) = channel(call.world, call.app, instance.as_deref()) else {
        return Reply::Now(lost(call.world, Some(call.app)));
    };
    match channel.arrive(request, &switches, now) {
        Arrival::Body(body) => Reply::Now(page(body)),
        Arrival::Refused => Reply::Now(replaced()),
        Arrival::Parked(ticket) => {
            let notify = channel.notify();
            Reply::Wait(Waiting { app: call.app, instance, ticket, notify })
        }
    }
}

/// The channel of an instance. An instance that is not named is the only one, or the one without a name.
fn channel<'a>(world: &'a mut World, app: AppId, instance: Option<&str>) -> Option<&'a mut Channel> {
    let instances = &mut world.applications.get_mut(&app)?.instances;
    let at = instances.iter().position(|known| known.id.as_deref() == instance);
    let at = at.or_else(|| (instance.is_none() && instances.len() == 1).then_some(0))?;
    instances.get_mut(at).map(|instance| &mut instance.channel)
}

impl Waiting {
    pub(crate) fn look(&self, world: &mut World) -> Found {
        let switches = world.switches.clone();
        let Some(channel) = channel(world, self.app, self.instance.as_deref()) else {
            return Found::Answer(lost(world, Some(self.app)));
        };
        match channel.look(self.ticket, &switches, Instant::now()) {
            Look::Body(body) => Found::Answer(page(body)),
            Look::Replaced => Found::Answer(replaced()),
            Look::WaitUntil(at) => Found::Nothing(at),
        }
    }

    /// The client went away.
    pub(crate) fn abandon(&self, world: &mut World) {
        if let Some(channel) = channel(world, self.app, self.instance.as_deref()) {
            channel.abandon(self.ticket, Instant::now());
        }
    }
}

/// A page that has to be acknowledged: that of which channel, and its `ack`.
pub(crate) type Page = (AppId, Option<String>, u64);

impl World {
    /// The pages on which everything stands, or will stand, that was raised up to now for the application in this
    /// path.
    pub(crate) fn open_pages(&self, path: &[String]) -> Vec<Page> {
        let mut pages = Vec::new();
        let own: Option<AppId> = path.iter().find_map(|part| part.parse().ok());
        for (app, application) in self.applications.iter().filter(|(app, _)| Some(**app) == own) {
            for instance in &application.instances {
                pages.extend(instance.channel.open_page().map(|ack| (*app, instance.id.clone(), ack)));
            }
        }
        pages
    }

    /// Whether these pages were read: the client has asked for the next ones, or is gone.
    pub(crate) fn are_read(&mut self, pages: &[Page]) -> bool {
        pages.iter().all(|(app, instance, ack)| {
            channel(self, *app, instance.as_deref()).is_none_or(|channel| channel.is_past(*ack))
        })
    }
}
