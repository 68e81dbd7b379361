"""Transactions that collide on PostgreSQL are run again, and only then."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from luml.server.databases import open_configured
from luml.server.db.engine import ATTEMPTS, Database, Limits, is_passing, open_database
from tests.contract.database import DatabasePlace
from tests.postgres import Cluster


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[Database]:
    """A PostgreSQL database with a small table."""
    made = open_database(cluster.new_database(), Limits(pool_size=4, statement_seconds=3))
    with made.write() as connection:
        connection.execute(text("CREATE TABLE counters (id int PRIMARY KEY, total int NOT NULL)"))
        connection.execute(text("INSERT INTO counters VALUES (1, 0), (2, 0)"))
    yield made
    made.close()


def add(connection: Connection, number: int) -> None:
    connection.execute(text(f"UPDATE counters SET total = total + 1 WHERE id = {number}"))


def totals(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT total FROM counters ORDER BY id")).scalars())


def test_a_deadlock_costs_a_second_try(database: Database) -> None:
    meeting, tries = threading.Barrier(2), [0, 0]

    def work(which: int) -> None:
        def both(connection: Connection) -> None:
            tries[which] += 1
            add(connection, 1 + which)
            if tries[which] == 1:
                meeting.wait(10)
            add(connection, 2 - which)

        database.change(both)

    before = totals(database)
    threads = [threading.Thread(target=work, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals(database) == [total + 2 for total in before]
    assert sorted(tries) == [1, 2]


def test_a_serialization_failure_costs_a_second_try(database: Database) -> None:
    tries = 0

    def work(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        found = connection.execute(text("SELECT total FROM counters WHERE id = 1")).scalar_one()
        if tries == 1:
            with database.write() as other:
                add(other, 1)
        add(connection, 1)
        return int(found)

    before = totals(database)[0]
    assert database.change(work) == before + 1
    assert totals(database)[0] == before + 2
    assert tries == 2


def test_what_always_collides_is_given_up(database: Database) -> None:
    tries = 0

    def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        connection.execute(text("INSERT INTO counters VALUES (1, 0)"))

    with pytest.raises(IntegrityError):
        database.change(work)
    assert tries == ATTEMPTS


def test_what_is_wrong_is_not_tried_again(database: Database) -> None:
    tries = 0

    def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        connection.execute(text("SELECT nothing"))

    with pytest.raises(DBAPIError) as caught:
        database.change(work)
    assert tries == 1
    assert not is_passing(caught.value)


def test_a_statement_ends_in_time(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.read() as connection:
        connection.execute(text("SELECT pg_sleep(20)"))
    assert is_passing(caught.value)


def test_a_read_transaction_reads_one_snapshot(engine: DatabasePlace) -> None:
    opened = open_configured(engine.settings("snapshot"))
    count = text("SELECT count(*) FROM users")
    with opened.read() as connection:
        before = connection.execute(count).scalar_one()
        with opened.write() as other:
            other.execute(text("DELETE FROM users"))
            row = "(id, name, created_at) VALUES (:id, 'x', 1)"
            identity = b"0" * 16 if opened.is_sqlite else "00000000-0000-7000-8000-000000000000"
            other.execute(text(f"INSERT INTO users {row}"), {"id": identity})
        assert connection.execute(count).scalar_one() == before
    with opened.read() as connection:
        assert connection.execute(count).scalar_one() == 1
    opened.close()
