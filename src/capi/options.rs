//! Structs that the caller makes: they begin with their size, so that an older or newer caller is understood.

use super::guard::{Call, Failure};
use super::status::Code;

/// A struct of the caller whose first field is `uint32_t struct_size`.
///
/// # Safety
/// `#[repr(C)]`, with a `u32` first.
pub(super) unsafe trait Sized32: Copy {}

// SAFETY: repr(C), struct_size first.
unsafe impl Sized32 for super::ucwa_counts {}
// SAFETY: repr(C), struct_size first.
unsafe impl Sized32 for super::ucwa_join_options {}
// SAFETY: repr(C), struct_size first.
unsafe impl Sized32 for super::ucwa_add_participant_options {}
// SAFETY: repr(C), struct_size first.
unsafe impl Sized32 for super::ucwa_conversation_options {}
// SAFETY: repr(C), struct_size first.
unsafe impl Sized32 for super::ucwa_availability_options {}

/// Reads it, once its size is that of the first version or more. What a newer caller has beyond is not looked at.
pub(super) unsafe fn read<T: Sized32>(call: &Call, name: &str, given: *const T) -> Result<T, Failure> {
    call.out(name, given.cast_mut())?;
    // SAFETY: not NULL and aligned, and the caller says that at least struct_size is there.
    let size = unsafe { given.cast::<u32>().read() } as usize;
    if size < size_of::<T>() {
        let message = format!("{name}->struct_size is {size}, below {}: set it to sizeof", size_of::<T>());
        return Err(Failure::new(Code::UCWA_E_INVALID_ARG, message));
    }
    // SAFETY: the caller says by struct_size that all of it is there.
    Ok(unsafe { given.read() })
}

/// As [`read`]; `None` when NULL.
pub(super) unsafe fn read_nullable<T: Sized32>(
    call: &Call,
    name: &str,
    given: *const T,
) -> Result<Option<T>, Failure> {
    if given.is_null() { Ok(None) } else { read(call, name, given).map(Some) }
}

/// A field for later versions.
pub(super) fn unused(name: &str, value: u32) -> Result<(), Failure> {
    if value == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Code::UCWA_E_INVALID_ARG,
        format!("{name} is {value}; it must be 0: use the _INIT macro"),
    ))
}
