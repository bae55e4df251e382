"""Varnish: one BAN by key. The recipe is docs/production/varnish.vcl."""

import re

from django.conf import settings

from newsroom import proxies


def forget(keys, *, are_taken_back):
    """Ban every page that names one of the keys."""
    pattern = "|".join(re.escape(key) for key in keys)
    proxies.ask("BAN", f"{settings.PROXY_ADDRESS}/", headers={"X-Ban-Keys": f"(^| )({pattern})( |$)"})
