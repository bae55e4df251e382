"""How a finished letter leaves: by SMTP over a connection that stays open, into the demo's mailbox, or by any backend.

Every channel has `deliver(sender, recipient, message)`, which returns the server's reply or raises one of the four
errors below, and `close()`. They say whose fault it was, which decides what happens to the reader.
"""

import email
import email.policy
import re
import smtplib
import time

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string

from newsroom import outbox

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
IDLE_SECONDS = 5  # a line that was used so lately is not asked whether it lives
IN_TEXT = (
    "date",
    "message-id",
    "from",
    "to",
    "subject",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "reply-to",
)


class Undelivered(Exception):
    """The letter was not accepted; `reply` is what the server said, at most 200 characters, without an address."""

    def __init__(self, reply=""):
        super().__init__(reply)
        self.reply = reply


class ConnectionLost(Undelivered):
    """The line broke or the server is shutting down (421): nobody's fault, all goes back to the queue."""


class Deferred(Undelivered):
    """The server asks to come again later for this reader (4xx)."""


class BadAddress(Undelivered):
    """There is no such mailbox (5.1.x): it must not be written to again."""


class Rejected(Undelivered):
    """This reader cannot be reached for another lasting reason."""


class Refused(Undelivered):
    """The server refuses us, not the reader: policy, authentication, reputation (5.7.x). Somebody must look."""


def open_channel():
    """Return the channel that the settings name."""
    backend = import_string(settings.EMAIL_BACKEND)
    if issubclass(backend, EmailBackend):
        return SmtpChannel()
    if issubclass(backend, outbox.OutboxBackend):
        return OutboxChannel()
    return BackendChannel()


class OutboxChannel:
    """The demo's mailbox in the browser."""

    def deliver(self, sender, recipient, message):
        """Put the letter there."""
        return outbox.deliver(message)

    def close(self):
        """Nothing to close."""


class BackendChannel:
    """Any mail backend of Django's: the tests' memory, or a provider through anymail."""

    def deliver(self, sender, recipient, message):
        """Send the letter as a mail of Django's."""
        parsed = email.message_from_bytes(message, policy=email.policy.default)
        headers = {name: str(value) for name, value in parsed.items() if name.lower() not in IN_TEXT}
        headers |= {name: str(parsed[name]) for name in ("Date", "Message-ID", "Reply-To") if parsed[name]}
        text, html = (parsed.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
        letter = EmailMultiAlternatives(
            str(parsed["Subject"]), text.get_content(), str(parsed["From"]), [recipient], headers=headers,
            connection=get_connection(),
        )  # fmt: skip
        letter.attach_alternative(html.get_content(), "text/html")
        try:
            letter.send()
        except (OSError, smtplib.SMTPException) as error:
            raise ConnectionLost(type(error).__name__) from error
        return "sent"

    def close(self):
        """Nothing to close."""


class SmtpChannel:
    """One connection, opened with Django's settings for mail and kept for one letter after another."""

    def __init__(self):
        self.backend = None
        self.used_at = 0

    def deliver(self, sender, recipient, message):
        """Hand the letter to the server and return its reply to the last dot."""
        server = self._server()
        try:
            self._say(server.mail(sender, self._options(server, message)), Refused)
            self._say(server.rcpt(recipient), Rejected)
            code, reply = server.data(self._for_server(server, message))
            self._say((code, reply), Refused)
            self.used_at = time.monotonic()
            return _readable(code, reply)
        except smtplib.SMTPDataError as error:
            self._say((error.smtp_code, error.smtp_error), Refused)
            raise Refused(_readable(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise ConnectionLost(type(error).__name__) from error
        except Undelivered:
            self._reset(server)
            raise

    def _server(self):
        """Return the open connection, a new one when the old one died while it lay idle."""
        if self.backend is not None and time.monotonic() - self.used_at < IDLE_SECONDS:
            return self.backend.connection
        if self.backend is not None:
            try:
                if self.backend.connection.noop()[0] == 250:
                    return self.backend.connection
            except (smtplib.SMTPException, OSError):
                pass
            self.close()
        backend = get_connection(fail_silently=False)
        try:
            backend.open()
        except smtplib.SMTPAuthenticationError as error:
            raise Refused(_readable(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise ConnectionLost(type(error).__name__) from error
        self.backend = backend
        backend.connection.ehlo_or_helo_if_needed()
        return backend.connection

    def _options(self, server, message):
        return ["BODY=8BITMIME"] if not message.isascii() and server.has_extn("8bitmime") else []

    def _for_server(self, server, message):
        return message if message.isascii() or server.has_extn("8bitmime") else seven_bit(message)

    def _say(self, answer, lasting):
        """Raise what an answer means; `lasting` is for a plain 5xx at this stage of the talk."""
        code, reply = answer
        if 200 <= code < 400:
            return
        text = _readable(code, reply)
        if code == 421 or code == -1:
            self.close()
            raise ConnectionLost(text)
        if 400 <= code < 500:
            raise Deferred(text)
        enhanced = ENHANCED.search(text)
        subject = enhanced.group(2) if enhanced else ""
        raise {"1": BadAddress, "7": Refused}.get(subject, lasting)(text)

    def _reset(self, server):
        try:
            if self.backend is not None:
                server.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def close(self):
        """Say goodbye and close the connection."""
        backend, self.backend = self.backend, None
        if backend is not None and backend.connection is not None:
            try:
                backend.connection.quit()
            except (smtplib.SMTPException, OSError):
                backend.connection.close()


def _readable(code, reply):
    """Return a server's answer as one line without addresses."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    text = re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "<…>", " ".join(text.split()))
    return f"{code} {text}"[:200]


def seven_bit(message):
    """Return the mail with its text parts in base64, for a server that takes no 8-bit text."""
    parsed = email.message_from_bytes(message, policy=email.policy.SMTP)
    for part in parsed.walk():
        if part.get_content_maintype() == "text" and part["Content-Transfer-Encoding"] == "8bit":
            text, subtype = part.get_payload(decode=True).decode(), part.get_content_subtype()
            part.set_content(text, subtype=subtype, cte="base64")
    return parsed.as_bytes()
