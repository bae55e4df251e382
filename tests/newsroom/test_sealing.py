"""Addresses lie sealed; destroying the key is erasure."""

import pytest
from django.db import connections

from newsroom import sealing
from newsroom.models import SealingKey

pytestmark = pytest.mark.django_db(databases="__all__")


def test_what_is_sealed_can_be_read_with_its_key_alone():
    mine, other = sealing.new_key(), sealing.new_key()
    sealed = sealing.seal("reader@example.org", mine)
    assert "reader" not in sealed
    assert sealing.unseal(sealed, mine) == "reader@example.org"
    with pytest.raises(sealing.Erased):
        sealing.unseal(sealed, other)


def test_destroying_the_key_is_erasure():
    key = sealing.new_key()
    sealed = sealing.seal("reader@example.org", key)
    sealing.destroy_key(key)
    sealing.destroy_key(key)
    with pytest.raises(sealing.Erased):
        sealing.unseal(sealed, key)
    assert sealing.unseal_many([(sealed, key)]) == {}


def test_the_keys_lie_in_a_database_of_their_own():
    sealing.new_key()
    assert SealingKey.objects.using("keys").count() == 1
    assert "newsroom_sealingkey" not in connections["default"].introspection.table_names()
    assert "articles_article" not in connections["keys"].introspection.table_names()


def test_the_lookup_hash_differs_by_purpose_and_by_site_key(settings):
    one = sealing.lookup_key("reader@example.org", "subscriber")
    assert one == sealing.lookup_key("reader@example.org", "subscriber")
    assert one != sealing.lookup_key("reader@example.org", "donor")
    settings.SEALING_KEY = "another key of this site, long enough to be one"
    assert one != sealing.lookup_key("reader@example.org", "subscriber")


def test_many_are_read_with_one_query(django_assert_num_queries):
    pairs = []
    for number in range(5):
        key = sealing.new_key()
        pairs.append((sealing.seal(f"reader{number}@example.org", key), key))
    with django_assert_num_queries(1, using="keys"):
        assert sorted(sealing.unseal_many(pairs).values())[0] == "reader0@example.org"
