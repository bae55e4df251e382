"""Letters in the admin: issues are composed, approved and watched; readers can be found, never listed by address."""

from newsletters.admin import channel, issue, moving, newsletter, reader  # noqa: F401 - importing registers
