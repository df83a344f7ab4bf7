"""The tables of the store, version by version.

The version is SQLite's `user_version`, the mark of our files its `application_id`. To change the
tables, append a migration; never edit one that was released.
"""

import sqlite3

from mtlviz.runs.failures import DATABASE, StoreError

APPLICATION_ID = 0x4D544C56  # "MTLV"

_VERSION_1 = (
    # AUTOINCREMENT: the number of a deleted run is never given to another.
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        config TEXT NOT NULL,
        directory TEXT,
        status TEXT NOT NULL CHECK (status IN ('queued', 'starting', 'running', 'finished',
                                               'stopped', 'interrupted', 'failed')),
        created REAL NOT NULL,
        started REAL,
        finished REAL,
        heartbeat REAL,
        machine TEXT,
        pid INTEGER,
        process_start INTEGER,
        claim TEXT,
        slot INTEGER,
        place INTEGER,
        edition INTEGER NOT NULL DEFAULT 0,
        stop_requested INTEGER NOT NULL DEFAULT 0,
        updates INTEGER NOT NULL DEFAULT 0,
        planned INTEGER,
        metrics TEXT,
        error TEXT,
        result TEXT
    )""",
    "CREATE INDEX runs_by_status ON runs (status, place)",
    # One table for all kinds keeps their order; a step's body is packed numbers, the others' JSON.
    """CREATE TABLE records (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        kind TEXT NOT NULL,
        updates INTEGER NOT NULL,
        layout INTEGER REFERENCES layouts (id),
        body BLOB NOT NULL,
        PRIMARY KEY (run, sequence)
    )""",
    "CREATE INDEX records_by_kind ON records (run, kind, updates, sequence)",
    "CREATE TABLE layouts (id INTEGER PRIMARY KEY, entries TEXT NOT NULL UNIQUE)",
)

# Of each task's training and dev examples, as JSON: settings may name a file that changes.
_VERSION_2 = ("ALTER TABLE runs ADD COLUMN fingerprints TEXT",)

# What may be read for the run, as `Access.to_text` writes it; NULL for everything.
_VERSION_3 = ("ALTER TABLE runs ADD COLUMN access TEXT",)

# Who asked for the run, so that visitors of one app take turns; NULL for the shell.
_VERSION_4 = (
    "ALTER TABLE runs ADD COLUMN owner TEXT",
    "CREATE INDEX runs_by_owner ON runs (owner, heartbeat)",
)

# Of a run that was trained elsewhere and only opened here: where it came from, as JSON.
_VERSION_5 = ("ALTER TABLE runs ADD COLUMN recorded TEXT",)

# The first of the runs that were begun together, and what somebody noted on a run.
_VERSION_6 = (
    "ALTER TABLE runs ADD COLUMN family INTEGER",
    "ALTER TABLE runs ADD COLUMN note TEXT",
)

# Whose turn it is to start the run: the name of a launcher; NULL for the queue of this machine.
_VERSION_7 = ("ALTER TABLE runs ADD COLUMN launcher TEXT",)

# The study for which the run was stored, so that who was killed right then finds it again.
_VERSION_8 = ("ALTER TABLE runs ADD COLUMN study INTEGER",)

MIGRATIONS: list[tuple[str, ...]] = [
    _VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4, _VERSION_5, _VERSION_6, _VERSION_7, _VERSION_8
]  # fmt: skip


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest version, in one transaction.

    Raises:
        StoreError: If the file belongs to something else or to a newer mtlviz; it is not touched.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have migrated while this one waited for the lock.
        for number in range(_version(connection), len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    """The version of a store's tables, 0 for an empty file."""
    # One statement sees one moment: another process may be creating the tables right now.
    version, mark, tables = connection.execute(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if tables and mark != APPLICATION_ID:
        raise StoreError(f"{DATABASE} in the home folder is a database of something else.")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"The store of runs has version {version}; this mtlviz reads versions 1 to "
            f"{len(MIGRATIONS)}. Update mtlviz, or choose another home folder."
        )
    return version
