"""However the provider's story is told, the books say the same. The large count stands in bench/torture_books.py."""

import pytest
from django.utils import timezone

from donations.models import JournalLine, ReconRun
from donations.providers.sandbox.adapter import Sandbox
from tests.donations import sequences


@pytest.mark.parametrize("block", range(3))
def test_chaos_ends_in_the_books_of_the_natural_order(edition, block):
    crashes = 0
    for seed in range(block * 8, block * 8 + 8):
        in_order, in_chaos, died = sequences.live(seed, edition)
        assert in_chaos == in_order, f"seed {seed}"
        crashes += died
    assert crashes, "nothing crashed: the test proves less than it says"
    assert sum(JournalLine.objects.values_list("amount_minor", flat=True)) == 0
    run = ReconRun.compare(Sandbox(), at=timezone.now())
    assert run.state == "green", list(run.items.values())
