//! Opening and creating.

use super::{Database, Handles, Inner, Writer};
use crate::{
    StorageError,
    lock::{LockError, lock_directory},
    tables::{SCHEMA_VERSION, Table, corrupt, meta},
};
use parking_lot::Mutex;
use signet_libmdbx::{
    DatabaseFlags, Environment, EnvironmentFlags, Geometry, MdbxError, Mode, SyncMode as MdbxSync,
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::Path,
    sync::Arc,
};

/// MDBX's file in the database's directory.
const DATA_FILE: &str = "mdbx.dat";

/// When a commit is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncMode {
    /// When it returns.
    #[default]
    Durable,
    /// When the system writes it back. After a power failure the database is what some earlier durable commit left;
    /// after a crash of the process alone nothing is lost. For chains that are thrown away.
    Lazy,
}

/// How to open a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// The size in bytes beyond which the database does not grow; address space of this size is reserved. Default 1 TiB.
    pub max_size: usize,
    /// By how many bytes the file grows at a time. Default 64 MiB.
    pub growth_step: usize,
    /// Default [`SyncMode::Durable`].
    pub sync: SyncMode,
    /// Read transactions that can be open at once. Default 4096.
    pub max_readers: u32,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self {
            max_size: 1 << 40,
            growth_step: 64 << 20,
            sync: SyncMode::Durable,
            max_readers: 4096,
        }
    }
}

impl Database {
    /// Opens the database in this directory for writing; creates both when they are not there.
    ///
    /// # Errors
    /// [`StorageError::Locked`], [`Permission`](StorageError::Permission), [`NotADatabase`](StorageError::NotADatabase),
    /// [`Foreign`](StorageError::Foreign), [`SchemaVersion`](StorageError::SchemaVersion),
    /// [`DiskFull`](StorageError::DiskFull), [`AddressSpace`](StorageError::AddressSpace), and failures of the file
    /// system.
    pub fn open(path: impl AsRef<Path>, options: &DatabaseOptions) -> Result<Self, StorageError> {
        let path = path.as_ref();
        fs::create_dir_all(path).map_err(|error| file_error(error, "write", "creating", path))?;
        let lock = take_lock(path)?;
        refuse_short_file(path)?;
        let sync_mode = match options.sync {
            SyncMode::Durable => MdbxSync::Durable,
            SyncMode::Lazy => MdbxSync::SafeNoSync,
        };
        let env = open_environment(path, options, Mode::ReadWrite { sync_mode })?;
        let handles = create_tables(&env, path)?;
        // A new file's name is durable only with its directory.
        sync_directory(path)?;
        Ok(Self::assemble(env, handles, path, Some(lock)))
    }

    /// Opens an existing database for reading, also while a node writes to it. Writes fail.
    ///
    /// # Errors
    /// [`StorageError::NotFound`], and as [`open`](Self::open).
    pub fn open_read_only(
        path: impl AsRef<Path>,
        options: &DatabaseOptions,
    ) -> Result<Self, StorageError> {
        let path = path.as_ref();
        let file = path.join(DATA_FILE);
        match File::open(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(StorageError::NotFound {
                    path: path.to_path_buf(),
                });
            }
            Err(error) => return Err(file_error(error, "read", "opening", &file)),
            Ok(_) => {}
        }
        let env = open_environment(path, options, Mode::ReadOnly)?;
        let handles = open_tables(&env, path)?;
        Ok(Self::assemble(env, handles, path, None))
    }

    fn assemble(env: Environment, handles: Handles, path: &Path, lock: Option<File>) -> Self {
        Self(Arc::new(Inner {
            env,
            handles,
            path: path.to_path_buf(),
            writing: Mutex::new(()),
            threads: std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(16),
            _lock: lock,
        }))
    }
}

fn file_error(
    error: io::Error,
    access: &'static str,
    action: &'static str,
    path: &Path,
) -> StorageError {
    let path = path.to_path_buf();
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StorageError::Permission {
            action: access,
            path,
        },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StorageError::DiskFull,
        _ => StorageError::Io {
            action,
            path,
            source: error,
        },
    }
}

/// MDBX lets several processes write in turn, and two nodes on one chain must not.
fn take_lock(path: &Path) -> Result<File, StorageError> {
    lock_directory(path).map_err(|error| match error {
        LockError::Held => StorageError::Locked {
            path: path.to_path_buf(),
        },
        LockError::Io(error) => file_error(error, "write", "locking", path),
    })
}

/// MDBX takes a file of less than its three meta pages for a new one and would overwrite it.
fn refuse_short_file(path: &Path) -> Result<(), StorageError> {
    let file = path.join(DATA_FILE);
    match fs::metadata(&file) {
        Ok(metadata) if (1..3 * 4096).contains(&metadata.len()) => {
            Err(StorageError::NotADatabase {
                path: path.to_path_buf(),
            })
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error(error, "read", "reading", &file)),
    }
}

fn sync_directory(path: &Path) -> Result<(), StorageError> {
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| file_error(error, "write", "syncing", path))
}

fn open_environment(
    path: &Path,
    options: &DatabaseOptions,
    mode: Mode,
) -> Result<Environment, StorageError> {
    let mut builder = Environment::builder();
    builder
        .set_max_dbs(Table::ALL.len() + 2)
        .set_max_readers(options.max_readers.into())
        .set_geometry(Geometry {
            size: Some(0..options.max_size),
            growth_step: isize::try_from(options.growth_step).ok(),
            ..Default::default()
        })
        .set_flags(EnvironmentFlags {
            mode,
            // Reads go all over the tree: what lies beside a page is not what is read next.
            no_rdahead: true,
            // Pages hold nothing secret that their unused ends could leak into the file.
            no_meminit: true,
            ..Default::default()
        });
    builder
        .open(path)
        .map_err(|error| StorageError::opening(error, path))
}

fn create_tables(env: &Environment, path: &Path) -> Result<Handles, StorageError> {
    let opening = |error| StorageError::opening(error, path);
    let tx = env.begin_rw_unsync().map_err(opening)?;
    let main = tx.open_db(None).map_err(opening)?;
    if tx.db_stat(&main).map_err(opening)?.entries() > 0 {
        drop(tx);
        return open_tables(env, path);
    }
    let mut handles = Vec::with_capacity(Table::ALL.len());
    for table in Table::ALL {
        handles.push(
            tx.create_db(Some(table.name()), DatabaseFlags::empty())
                .map_err(opening)?,
        );
    }
    let handles: Handles = handles
        .try_into()
        .map_err(|_| StorageError::Mdbx(MdbxError::DbsFull))?;
    let mut writer = Writer::new(tx, &handles);
    writer.put(Table::Meta, meta::SCHEMA, &SCHEMA_VERSION.to_le_bytes())?;
    writer.commit()?;
    Ok(handles)
}

/// Opens the tables of a database that was created before.
fn open_tables(env: &Environment, path: &Path) -> Result<Handles, StorageError> {
    let opening = |error| StorageError::opening(error, path);
    let tx = env.begin_ro_unsync().map_err(opening)?;
    let foreign = || StorageError::Foreign {
        path: path.to_path_buf(),
    };
    let table = match tx.open_db(Some(Table::Meta.name())) {
        Err(MdbxError::NotFound | MdbxError::Incompatible) => return Err(foreign()),
        other => other.map_err(opening)?,
    };
    let version = tx
        .get::<Vec<u8>>(table.dbi(), meta::SCHEMA)?
        .ok_or_else(foreign)?;
    let found = version
        .try_into()
        .map(u32::from_le_bytes)
        .map_err(|_| foreign())?;
    if found != SCHEMA_VERSION {
        return Err(StorageError::SchemaVersion {
            found,
            expected: SCHEMA_VERSION,
        });
    }
    let mut handles = Vec::with_capacity(Table::ALL.len());
    for table in Table::ALL {
        handles.push(match tx.open_db(Some(table.name())) {
            Err(MdbxError::NotFound) => return Err(corrupt(table, &[], "the table is missing")),
            other => other.map_err(opening)?,
        });
    }
    // Handles opened in a transaction stay open only when it ends well.
    tx.commit().map_err(opening)?;
    handles
        .try_into()
        .map_err(|_| StorageError::Mdbx(MdbxError::DbsFull))
}
