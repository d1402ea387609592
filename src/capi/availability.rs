use std::ffi::c_char;

use super::conversation::modalities;
use super::guard::{Call, Failure};
use super::session::{operation, ucwa_op};
use super::status::{Code, ucwa_status};
use super::{options, ucwa_session};
use crate::session::Availability;
use crate::wire::{AudioPreference, MessageFormat, PreferredAvailability};

/// How the user can be reached: begin with UCWA_AVAILABILITY_OPTIONS_INIT.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct ucwa_availability_options {
    /// sizeof(ucwa_availability_options).
    pub struct_size: u32,
    /// UCWA_MODALITY_*: what others may invite him to; the server takes MESSAGING and PHONE_AUDIO. 0: not sent.
    pub modalities: u32,
    /// How others see him: "Online", "Busy", "DoNotDisturb", "BeRightBack", "Away", "Offwork"; NULL: not said.
    pub sign_in_as: *const c_char,
    /// Which messages the program can show, with commas: "Plain,Html"; NULL: not said.
    pub message_formats: *const c_char,
    /// Which device takes calls: "PhoneAudio", "VoipAudio"; NULL: not said.
    pub audio_preference: *const c_char,
    /// Where he takes calls by phone; NULL: not said.
    pub phone_number: *const c_char,
}

/// Makes the user available, so that others can invite him (makeMeAvailable): joining meetings and inviting does not
/// need it. From then on his activity is reported as often as the key activity.every_s says. opt may be NULL. OP_DONE
/// tells that the server took it, also for who is available already. The keys available.* do the same while signing in.
/// UCWA_E_NOT_ALLOWED: the server does not offer it, as for guests.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_session_make_available(
    s: *mut ucwa_session,
    opt: *const ucwa_availability_options,
    out_op: *mut ucwa_op,
) -> ucwa_status {
    operation("ucwa_session_make_available", s, out_op, |session, call| {
        Ok(session.make_available(&availability(call, opt)?)?)
    })
}

unsafe fn availability(call: &Call, opt: *const ucwa_availability_options) -> Result<Availability, Failure> {
    let Some(opt) = options::read_nullable(call, "opt", opt)? else {
        return Ok(Availability::default());
    };
    let word = |name: &str, text: *const c_char, known: &[&'static str]| {
        call.nullable_text(name, text)?.map(|word| one_of(name, word, known)).transpose()
    };
    let formats = call.nullable_text("opt->message_formats", opt.message_formats)?;
    let formats = formats.map(|formats| {
        let all = formats.split(',').map(|word| one_of("opt->message_formats", word, MessageFormat::KNOWN));
        all.map(|word| word.map(MessageFormat::from_word)).collect::<Result<Vec<_>, _>>()
    });
    let seen = word("opt->sign_in_as", opt.sign_in_as, PreferredAvailability::KNOWN)?;
    let device = word("opt->audio_preference", opt.audio_preference, AudioPreference::KNOWN)?;
    Ok(Availability {
        modalities: modalities("opt->modalities", opt.modalities)?,
        message_formats: formats.transpose()?.unwrap_or_default(),
        sign_in_as: seen.map(PreferredAvailability::from_word),
        audio_preference: device.map(AudioPreference::from_word),
        phone_number: call.nullable_text("opt->phone_number", opt.phone_number)?.map(str::to_owned),
    })
}

/// One of these words, in any case.
fn one_of(name: &str, word: &str, known: &[&'static str]) -> Result<&'static str, Failure> {
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(word.trim()));
    found.copied().ok_or_else(|| {
        Failure::new(Code::UCWA_E_INVALID_ARG, format!("{name} is none of {}", known.join(", ")))
    })
}
