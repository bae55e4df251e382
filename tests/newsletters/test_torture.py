"""Workers die, sleep, lose their database; mail servers fail: nobody is lost. `make torture` runs the same large."""

import contextlib

import pytest

from bench import torture_newsletter as torture
from bench.letters_rig import Rig

pytestmark = pytest.mark.once


@contextlib.contextmanager
def site(*, readers, names="reader", database=""):
    with Rig(database=database, readers=readers, names=names) as rig:
        yield rig


def test_workers_that_die_and_readers_who_leave():
    with site(readers=240) as rig:
        assert torture.kill(rig, kills=3)["broken"] == 3
        again(rig)
        assert torture.leave_meanwhile(rig, readers=40)["left"] > 0


def test_faulty_mail_server_costs_nobody_a_letter_and_suppresses_unknown_mailboxes_alone():
    with site(readers=120, names=torture.FAULTS) as rig:
        assert torture.faulty_server(rig)["failed"] > 0


@pytest.mark.postgres
def test_database_that_dies_and_worker_that_sleeps_lose_nobody():
    with torture.dying_postgres() as server, site(readers=240, database=server.address) as rig:
        assert torture.database_dies(rig, server)["lost"] == 0
        again(rig)
        assert torture.freeze(rig)["lost"] == 0


def again(rig):
    rig.stop()
    rig.log.unlink()
    rig.run("again")
