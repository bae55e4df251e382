"""Migrations at once: whoever comes second waits, and finds them done."""

import threading

import pytest
from django.core.management.commands import migrate
from django.db import connections

from newsroom.management.commands.migrate import Command
from tests.processes import wait_for


@pytest.mark.django_db(transaction=True)
def test_two_migrations_at_once_are_one_after_the_other(monkeypatch):
    inside, most, begun, may_go = [], [], [], threading.Event()

    def handle(self, *args, **options):
        inside.append(1)
        most.append(len(inside))
        may_go.wait(30)
        inside.pop()

    def start():
        begun.append(1)
        Command().handle(database="default")
        connections.close_all()

    monkeypatch.setattr(migrate.Command, "handle", handle)
    threads = [threading.Thread(target=start) for _one in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(begun) == 2 and most, "both at the door")
    may_go.set()
    for thread in threads:
        thread.join(30)
    assert most == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_failed_lets_the_next_one_in(monkeypatch):
    def fails(self, *args, **options):
        raise RuntimeError("no such column")

    monkeypatch.setattr(migrate.Command, "handle", fails)
    for _twice in range(2):
        with pytest.raises(RuntimeError, match="no such column"):
            Command().handle(database="default")
