"""The site that carries everything: settings, editions, accounts, page cache, mail and the worker."""
