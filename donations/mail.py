"""The letters to donors. Sender and subject are neutral: a look over the shoulder learns nothing."""

from newsroom import mail


def receipt(receipt, *, gift, plan, to):
    """Return the letter that proves one charge and says how a recurring gift is stopped."""
    money = receipt.journal.received
    return mail.build(
        "donations/receipt",
        edition=gift.edition,
        to=to,
        context={"receipt": receipt, "gift": gift, "plan": plan, "money": money, "is_real": receipt.mode == "live"},
    )
