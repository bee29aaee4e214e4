"""What is known in all of a cluster, in its database: its rings, what each device last said of itself, and its root key."""

import json
import socket
import time
import urllib.parse

import pymysql

TABLES = [
    'CREATE TABLE IF NOT EXISTS rings (name VARCHAR(64) PRIMARY KEY, version INT NOT NULL, '
    'builder LONGBLOB NOT NULL, ring LONGBLOB NOT NULL) ENGINE=InnoDB',
    'CREATE TABLE IF NOT EXISTS devices (name VARCHAR(64) PRIMARY KEY, seen DOUBLE NOT NULL, '
    'report LONGTEXT NOT NULL) ENGINE=InnoDB',
    # How objects are in the places of a ring: see build-rings.
    "ALTER TABLE rings ADD COLUMN IF NOT EXISTS form VARCHAR(64) NOT NULL DEFAULT 'copies'",
    # What Barbican calls the key that objects are, or once were, encrypted by: see keep-root-key.
    'CREATE TABLE IF NOT EXISTS root_keys (name VARCHAR(64) PRIMARY KEY, secret VARCHAR(64) NOT NULL) ENGINE=InnoDB',
]
# What Swift calls it: objects name it. That of Gantry has no name.
ROOT_KEY = 'barbican'


def own_names():
    """What rings may call the device of this host, whose name may have an ordinal more."""
    host = socket.gethostname()
    return [host, host.rpartition('-')[0]]


def connect(url):
    """A connection to the database of an URL of SQLAlchemy's."""
    parts = urllib.parse.urlsplit(url)
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password,
        database=parts.path.lstrip('/'), charset='utf8mb4', connect_timeout=5, read_timeout=10, write_timeout=10)


def make_tables(cursor):
    for table in TABLES:
        cursor.execute(table)


def keep_report(cursor, name, report):
    cursor.execute(
        'REPLACE INTO devices (name, seen, report) VALUES (%s, %s, %s)', [name, time.time(), json.dumps(report)])


def reports(cursor):
    """By device: what it said last, with `age` in seconds."""
    cursor.execute('SELECT name, seen, report FROM devices')
    return {name: {**json.loads(report), 'age': time.time() - seen} for name, seen, report in cursor.fetchall()}


def root_key(cursor):
    """The id of the key in Barbican; None where none was ever used."""
    cursor.execute('SELECT secret FROM root_keys WHERE name = %s', [ROOT_KEY])
    found = cursor.fetchone()
    return found and found[0]


def keep_root_key(cursor, secret):
    cursor.execute('INSERT INTO root_keys (name, secret) VALUES (%s, %s)', [ROOT_KEY, secret])
