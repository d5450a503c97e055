//! SQLite on a simulated disk: a VFS that hands every call to [`Disk`].
//!
//! The only `unsafe` of the repository, because SQLite calls by C pointers. What SQLite promises ("The SQLite OS
//! Interface or VFS", `sqlite3_io_methods`): a file's memory has `szOsFile` bytes and stays where it is from `xOpen` to
//! `xClose`; its methods are called one at a time; pointers for results are valid.

#![expect(unsafe_code, reason = "an SQLite VFS is a table of C functions")]

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::Once;
use std::time::Duration;

use rusqlite::ffi;

use crate::crew;
use crate::disk::{Code, Disk, Handle};

/// The name by which connections choose it.
pub(crate) const NAME: &str = "loggia-sim";

const NAME_AS_C: &CStr = c"loggia-sim";

/// 2026-01-01 as SQLite counts: milliseconds of the Julian day.
const JULIAN_MILLISECONDS: i64 = 211_868_827_200_000 - 86_400_000 / 2;

/// Longer than any name here.
const NAME_BYTES_MAX: c_int = 256;

thread_local! {
    /// The disk that connections opened by this thread are on.
    static DISK: RefCell<Option<Disk>> = const { RefCell::new(None) };
}

/// Makes the VFS known to SQLite, and lets connections that this thread opens be on `disk`.
///
/// # Panics
/// When SQLite does not take it.
pub(crate) fn install(disk: &Disk) {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let vfs = Box::leak(Box::new(vfs()));
        // SAFETY: the structure is whole, and lives as long as the process; it is never changed by anybody else.
        let code = unsafe { ffi::sqlite3_vfs_register(vfs, 0) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes the simulated disk");
    });
    DISK.with_borrow_mut(|installed| *installed = Some(disk.clone()));
}

fn with_disk<T>(then: impl FnOnce(&Disk) -> T) -> Option<T> {
    DISK.with_borrow(|disk| disk.as_ref().map(then))
}

/// Lets others go on before an operation, where chance or a slow disk wants it.
fn before_operation() {
    if crew::can_pause()
        && let Some(until) = with_disk(Disk::pauses_until).flatten()
    {
        crew::pause(until);
    }
}

fn code_of(result: Result<(), Code>) -> c_int {
    result.err().unwrap_or(ffi::SQLITE_OK)
}

/// What SQLite holds of an open file: its own part first, then ours.
#[repr(C)]
struct OpenFile {
    base: ffi::sqlite3_file,
    /// From `Box::into_raw`, until `xClose` takes it back.
    handle: *mut Handle,
}

/// Returns our part of an open file.
///
/// # Safety
/// `file` must come from an `xOpen` that succeeded, not be closed, and not be in use by another call.
unsafe fn handle<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Handle {
    // SAFETY: `xOpen` has made an `OpenFile` there with a live handle, and SQLite makes one call at a time.
    unsafe { &mut *(*file.cast::<OpenFile>()).handle }
}

fn vfs() -> ffi::sqlite3_vfs {
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: c_int::try_from(size_of::<OpenFile>()).unwrap_or(c_int::MAX),
        mxPathname: NAME_BYTES_MAX,
        pNext: ptr::null_mut(),
        zName: NAME_AS_C.as_ptr(),
        pAppData: ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: None,
        xGetLastError: None,
        xCurrentTimeInt64: Some(current_time),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // With shared memory, without memory maps.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Reads a name that SQLite gives; `None` for a file without one.
///
/// # Safety
/// `name` must be null or a C string that lives as long as the result is used.
unsafe fn name<'a>(name: *const c_char) -> Option<&'a str> {
    // SAFETY: not null here, so a C string by the caller's word.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }).and_then(|name| name.to_str().ok())
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    file_name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives null or a C string.
    let file_name = unsafe { name(file_name) };
    let opened = with_disk(|disk| disk.open(file_name, flags)).unwrap_or(Err(ffi::SQLITE_CANTOPEN));
    let (methods, handle, code): (*const ffi::sqlite3_io_methods, _, _) = match opened {
        Ok(handle) => (&raw const METHODS, Box::into_raw(Box::new(handle)), ffi::SQLITE_OK),
        // Without methods, SQLite does not call `xClose`.
        Err(code) => (ptr::null(), ptr::null_mut(), code),
    };
    // SAFETY: SQLite gives `szOsFile` bytes, aligned for any structure; they hold nothing yet.
    unsafe { file.cast::<OpenFile>().write(OpenFile { base: ffi::sqlite3_file { pMethods: methods }, handle }) };
    if !out_flags.is_null() {
        // SAFETY: SQLite gives null or a place for the flags.
        unsafe { *out_flags = flags };
    }
    code
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file is open, so the pointer comes from `Box::into_raw` in `open`, and this is its last use.
    drop(unsafe { Box::from_raw((*file.cast::<OpenFile>()).handle) });
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    bytes: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    before_operation();
    let (Ok(bytes), Ok(at)) = (usize::try_from(bytes), usize::try_from(at)) else { return ffi::SQLITE_IOERR_READ };
    // SAFETY: SQLite gives a buffer of so many bytes that nobody else uses; any byte is a `u8`.
    let buffer = unsafe { slice::from_raw_parts_mut(buffer.cast::<u8>(), bytes) };
    // SAFETY: the file is open.
    match unsafe { handle(file) }.read(buffer, at) {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(code) => code,
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    buffer: *const c_void,
    bytes: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    before_operation();
    let (Ok(bytes), Ok(at)) = (usize::try_from(bytes), usize::try_from(at)) else { return ffi::SQLITE_IOERR_WRITE };
    // SAFETY: SQLite gives so many bytes, and changes none of them during the call.
    let buffer = unsafe { slice::from_raw_parts(buffer.cast::<u8>(), bytes) };
    // SAFETY: the file is open.
    code_of(unsafe { handle(file) }.write(buffer, at))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    before_operation();
    let Ok(size) = usize::try_from(size) else { return ffi::SQLITE_IOERR_TRUNCATE };
    // SAFETY: the file is open.
    code_of(unsafe { handle(file) }.truncate(size))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    before_operation();
    // SAFETY: the file is open.
    code_of(unsafe { handle(file) }.sync())
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: the file is open, and SQLite gives a place for the size.
    unsafe { *size = i64::try_from(handle(file).size()).unwrap_or(i64::MAX) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    before_operation();
    // SAFETY: the file is open.
    code_of(unsafe { handle(file) }.lock(level))
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: the file is open.
    unsafe { handle(file) }.unlock(level);
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, is_reserved: *mut c_int) -> c_int {
    // SAFETY: the file is open, and SQLite gives a place for the answer.
    unsafe { *is_reserved = c_int::from(handle(file).is_reserved()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    // As SQLite assumes it on Unix: a write changes nothing beside it.
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let (Ok(region), Ok(bytes)) = (usize::try_from(region), usize::try_from(bytes)) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    // SAFETY: the file is open.
    let (memory, code) = match unsafe { handle(file) }.shared_region(region, bytes, extend != 0) {
        // A region is of atomic numbers, which may be changed through a shared pointer; the handle keeps it alive until
        // `xShmUnmap` or `xClose`, as SQLite wants it.
        Ok(Some(memory)) => (memory.cast_mut().cast(), ffi::SQLITE_OK),
        Ok(None) => (ptr::null_mut(), ffi::SQLITE_OK),
        Err(code) => (ptr::null_mut(), code),
    };
    // SAFETY: SQLite gives a place for the pointer.
    unsafe { *out = memory };
    code
}

unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, first: c_int, count: c_int, flags: c_int) -> c_int {
    before_operation();
    let (Ok(first), Ok(count)) = (usize::try_from(first), usize::try_from(count)) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    // SAFETY: the file is open.
    code_of(unsafe { handle(file) }.lock_shared(first, count, flags))
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: the file is open.
    unsafe { handle(file) }.unmap_shared();
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, file_name: *const c_char, sync_directory: c_int) -> c_int {
    // SAFETY: SQLite gives a C string.
    let Some(file_name) = (unsafe { name(file_name) }) else { return ffi::SQLITE_IOERR_DELETE };
    let deleted = with_disk(|disk| disk.delete(file_name, sync_directory != 0));
    code_of(deleted.unwrap_or(Err(ffi::SQLITE_IOERR_DELETE)))
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, file_name: *const c_char, _: c_int, exists: *mut c_int) -> c_int {
    // SAFETY: SQLite gives a C string.
    let file_name = unsafe { name(file_name) };
    let is_there = file_name.and_then(|file_name| with_disk(|disk| disk.exists(file_name))).unwrap_or(false);
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *exists = c_int::from(is_there) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    file_name: *const c_char,
    bytes: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a C string.
    let from = unsafe { CStr::from_ptr(file_name) }.to_bytes_with_nul();
    if usize::try_from(bytes).unwrap_or(0) < from.len() {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: the buffer has `bytes` bytes, at least as many as are copied, and is not the name.
    unsafe { ptr::copy_nonoverlapping(from.as_ptr().cast(), out, from.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, bytes: c_int, out: *mut c_char) -> c_int {
    let count = usize::try_from(bytes).unwrap_or(0);
    // SAFETY: SQLite gives a buffer of so many bytes that nobody else uses.
    let buffer = unsafe { slice::from_raw_parts_mut(out.cast::<u8>(), count) };
    buffer.fill(0);
    with_disk(|disk| disk.randomness(buffer));
    bytes
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    let time = Duration::from_micros(u64::try_from(microseconds).unwrap_or(0));
    match with_disk(|disk| disk.wakes_at(time)).flatten() {
        Some(until) if crew::can_pause() => crew::pause(until),
        _ => {
            with_disk(|disk| disk.spend(time));
        }
    }
    microseconds
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, now: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite gives a place for the time.
    unsafe { *now = JULIAN_MILLISECONDS };
    ffi::SQLITE_OK
}
