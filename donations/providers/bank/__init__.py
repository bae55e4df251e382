"""The bank transfer: no page to pay on and no third party, but a code, and the bank's own list of what came in."""
