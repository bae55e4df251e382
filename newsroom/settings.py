"""All settings, read from the environment. The README lists the variables.

`NEWSROOM_MODE` decides how strict the site is: `production` (the default) fails closed; `demo` has invented content,
a mailbox in the browser and a sandbox for payments; `test` is for the test suite.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from newsroom import env, prose

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.choice("NEWSROOM_MODE", "production", ("production", "demo", "test"))
PRODUCTION = MODE == "production"
DATA_DIR = Path(env.text("NEWSROOM_DATA") or BASE_DIR / "var").resolve()
DEBUG = env.flag("DEBUG")


def demo_secret(name):
    """Return a secret that the demo made for itself on its first run and keeps under the data directory."""
    file = DATA_DIR / "keys" / name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with file.open("x", encoding="utf-8") as stream:
                file.chmod(0o600)
                stream.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass
    return file.read_text(encoding="utf-8").strip()


def secret(name):
    """Return a secret from the environment; only the demo and the tests may make their own.

    Raises ImproperlyConfigured in production when it is missing.
    """
    value = env.text(name)
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(
            f"{name} is not set. Give it (or {name}_FILE) a random value of at least 50 characters; "
            "for a trial with invented content set NEWSROOM_MODE=demo."
        )
    if MODE == "test":
        return f"test-only-{name.lower()}-0123456789abcdefghijklmnopqrstuvwxyz"
    return demo_secret(name.lower())


SECRET_KEY = secret("SECRET_KEY")
SEALING_KEY = secret("SEALING_KEY")
WEBHOOK_SECRET = secret("SANDBOX_WEBHOOK_SECRET") if not PRODUCTION else env.text("SANDBOX_WEBHOOK_SECRET")

PORT = env.number("PORT", 8000, low=1, high=65535)
HOME_ORIGIN = env.origin("NEWSROOM_HOME", "" if PRODUCTION else f"http://localhost:{PORT}")
WORKSHOP_ORIGIN = env.origin("NEWSROOM_WORKSHOP", HOME_ORIGIN)
SECURE = HOME_ORIGIN.startswith("https://")
ALLOWED_HOSTS = sorted(
    {urlsplit(HOME_ORIGIN).hostname, urlsplit(WORKSHOP_ORIGIN).hostname, *env.words("NEWSROOM_HOSTS")}
    | ({"localhost", "127.0.0.1", "[::1]"} if not PRODUCTION else set())
)
CSRF_TRUSTED_ORIGINS = sorted({HOME_ORIGIN, WORKSHOP_ORIGIN})

# Mirrors are rows in the admin. Whether one may be http:// without being an onion, what is looked at behind private
# addresses, and whether pages on mirrors and in copies ask for money and for sign-ups.
PLAIN_MIRRORS = env.flag("NEWSROOM_PLAIN_MIRRORS", default=not PRODUCTION)
PRIVATE_MIRRORS = MODE == "test" or DEBUG
ONION_PROXY = env.text("NEWSROOM_ONION_PROXY")
# The key of minisign's format that signs the list of mirrors: the file's text, or its last line.
SIGNING_KEY = env.text("NEWSROOM_SIGNING_KEY")
# Where `manage.py export s3://bucket/prefix` goes.
COPY_S3_ENDPOINT = env.origin("NEWSROOM_S3_ENDPOINT", "https://s3.amazonaws.com")
COPY_S3_REGION = env.text("NEWSROOM_S3_REGION", "us-east-1")
COPY_S3_KEY, COPY_S3_SECRET = env.text("NEWSROOM_S3_KEY"), env.text("NEWSROOM_S3_SECRET")
ASK_ON_MIRRORS = env.flag("NEWSROOM_ASK_ON_MIRRORS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "newsroom",
    "desk",
    "articles",
    "donations",
    "newsletters",
    "newsroom.apps.AdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "taggit",
    "js_asset",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "newsroom.headers.SecurityHeaders",
    "newsroom.hosts.HostMiddleware",
    "newsroom.hosts.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsroom.editions.EditionMiddleware",
    "newsroom.pagecache.PageCacheMiddleware",
    "newsroom.headers.ContentPolicy",
    "newsroom.emergency.EmergencyMiddleware",
    "newsroom.faults.BusyDatabaseMiddleware",
    "articles.redirects.RedirectMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "newsroom.accounts.SecondFactorMiddleware",
]

# newsroom.hosts.SecurityMiddleware is Django's with one exception; the check looks for its name alone.
SILENCED_SYSTEM_CHECKS = ["security.W001"]
ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
APPEND_SLASH = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "newsroom.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Databases. The keys that seal people's addresses lie apart, so that they can be backed up apart and destroyed.

# How long PostgreSQL works on one statement: less for those who wait for a page than for the worker and commands.
STATEMENT_SECONDS = (
    env.number("DATABASE_SECONDS", 20, high=3600)
    if env.choice("NEWSROOM_PROCESS", "work", ("web", "work")) == "web"
    else env.number("DATABASE_WORK_SECONDS", 900, high=86400)
)


def database(variable, file):
    """Return Django's settings for the database that `variable` names, or for an SQLite file."""
    config = dj_database_url.parse(env.text(variable) or f"sqlite:///{DATA_DIR / file}")
    if config["ENGINE"].endswith("sqlite3"):
        # Opening the file and setting it up costs more than most pages ask of it.
        config["CONN_MAX_AGE"] = 0 if MODE == "test" else 60
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;",
        }
    else:
        # What the address says besides, such as sslmode, stays.
        options = config.setdefault("OPTIONS", {})
        options["options"] = f"{options.get('options', '')} -c statement_timeout={STATEMENT_SECONDS * 1000}".strip()
        if MODE == "test" and not env.text("DATABASE_POOL"):
            config["CONN_MAX_AGE"] = 0
        else:
            # A database that went away is known in seconds, and a line that it cut is never handed to a request.
            size = env.number("DATABASE_POOL", 8, low=1, high=500)
            options |= {"pool": {"min_size": 1, "max_size": size, "timeout": 2}, "connect_timeout": 3}
            config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {
    "default": database("DATABASE_URL", "newsroom.sqlite3"),
    "keys": database("KEYS_DATABASE_URL", "keys.sqlite3"),
}
# A copy of the first that follows it and is only read: newsroom.replica.
if env.text("REPLICA_URL"):
    if not env.text("REPLICA_URL").startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("REPLICA_URL must name a PostgreSQL that follows DATABASE_URL.")
    DATABASES["replica"] = {**database("REPLICA_URL", ""), "TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["newsroom.sealing.KeysRouter", "newsroom.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}
    )
}
PAGE_CACHE_SECONDS = env.number("PAGE_CACHE_SECONDS", 300, high=86400)
PAGE_CACHE_BYTES = env.number("PAGE_CACHE_MEGABYTES", 64, low=1, high=100000) * 1_000_000
PAGE_CACHE_PAGES = env.number("PAGE_CACHE_PAGES", 2000, high=1000000)

# What stands before the site and keeps its pages (newsroom.proxies); where it takes orders, and with which secret.
PROXY = env.choice("PROXY", "none", ("none", "nginx", "varnish", "fastly", "cloudflare"))
PROXY_ADDRESS = env.text("PROXY_ADDRESS").rstrip("/")
PROXY_TOKEN = env.text("PROXY_TOKEN")
if PROXY != "none" and not PROXY_ADDRESS:
    raise ImproperlyConfigured("PROXY names a proxy; PROXY_ADDRESS must say where it takes orders.")

# Daily totals of what is read (newsroom.beacon); how long a process gathers them before it writes them down.
COUNTING = env.flag("NEWSROOM_COUNTING", default=True)
COUNTING_SECONDS = env.number("NEWSROOM_COUNTING_SECONDS", 0 if MODE == "test" else 5, high=300)

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
TASK_TRIES = env.number("TASK_TRIES", 5, low=1, high=50)

# Accounts

AUTH_USER_MODEL = "newsroom.User"
AUTHENTICATION_BACKENDS = ["newsroom.accounts.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
ACCOUNT_FORMS = {"login": "newsroom.accounts.StaffLoginForm"}
ACCOUNT_ADAPTER = "newsroom.accounts.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Newsroom"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED", default=PRODUCTION)

# Cookies and headers. Only the workshop sets cookies.

CSRF_FAILURE_VIEW = "newsroom.views.forbidden"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE else "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 7
SESSION_ENGINE = "newsroom.sessions"
SECURE_SSL_REDIRECT = SECURE and env.flag("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^newsletters/leave/"]
BEHIND_PROXY = env.flag("BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 63072000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        # Text becomes markup through one named policy, and only where static/js/live.js makes it.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["newsroom-live"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Whoever holds one of these of age's recipients ("age1…") can open the backups; the site itself cannot.
BACKUP_RECIPIENTS = env.words("BACKUP_RECIPIENTS")

# Who gets a mail when something is stuck (else the superusers), and the secret with which Prometheus asks /metrics.
ALARM_ADDRESSES = env.words("ALARM_ADDRESSES")
METRICS_TOKEN = env.text("METRICS_TOKEN")

# Of one charge, so much in whole units of its currency may one person give back; more takes two.
REFUND_ALONE = env.number("REFUND_ALONE", 200)

# Words

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en", _("English")), ("en-gb", _("British English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("NEWSROOM_TIME_ZONE") or "Europe/Copenhagen"
USE_I18N = True
USE_TZ = True
TAGGIT_CASE_INSENSITIVE = True

DJANGO_PROSE_EDITOR_EXTENSIONS = prose.EXTENSIONS

# Files

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("NEWSROOM_STATIC") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
PRIVATE_ROOT = DATA_DIR / "private"
PHOTO_MAX_BYTES = env.number("PHOTO_MAX_BYTES", 40_000_000)
PHOTO_MAX_PIXELS = env.number("PHOTO_MAX_PIXELS", 60_000_000)
PHOTO_ORIGINALS = env.choice("PHOTO_ORIGINALS", "keep", ["keep", "drop"])
PHOTO_KEEP_CREDIT = env.flag("PHOTO_KEEP_CREDIT")
STORAGES = {
    "default": {"BACKEND": "newsroom.storage.PublicStorage"},
    "private": {"BACKEND": "newsroom.storage.PrivateStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or MODE == "test"
            else "newsroom.minifying.StaticStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG or MODE == "test"
# Looked up when asked for, instead of listing every file at each start.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS

# Mail

EMAIL_BACKEND = {
    "demo": "newsroom.outbox.OutboxBackend",
    "test": "django.core.mail.backends.locmem.EmailBackend",
}.get(MODE, "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, low=1, high=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL") or f"newsroom@{urlsplit(HOME_ORIGIN).hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The selector with which the relay signs (DKIM), for the page about the health of the sending.
DKIM_SELECTOR = env.text("DKIM_SELECTOR")
# A mail provider instead of a relay: its name, its key, and the "user:password" with which it reports.
MAIL_PROVIDER = env.choice("MAIL_PROVIDER", "none", ("none", "brevo", "mailgun", "postmark", "sparkpost"))
ANYMAIL = {"WEBHOOK_SECRET": env.text("MAIL_WEBHOOK_SECRET")}
if MAIL_PROVIDER != "none":
    EMAIL_BACKEND = f"anymail.backends.{MAIL_PROVIDER}.EmailBackend"
    ANYMAIL["POSTMARK_SERVER_TOKEN" if MAIL_PROVIDER == "postmark" else f"{MAIL_PROVIDER.upper()}_API_KEY"] = env.text(
        "MAIL_PROVIDER_KEY"
    )
# The mailbox that the site reads by itself: reports of letters that could not be delivered, and wishes to leave.
MAILBOX_URL = env.text("MAILBOX_URL")
MAILBOX_ADDRESS = env.text("MAILBOX_ADDRESS")
OUTBOX_DIR = DATA_DIR / "outbox"
# A person needs at least this long between seeing the confirmation page of a signup and pressing its button.
SIGNUP_MIN_SECONDS = env.number("SIGNUP_MIN_SECONDS", 0 if MODE == "test" else 2, high=60)

# Payments

PAYMENT_PROVIDER = env.choice(
    "PAYMENT_PROVIDER", "none" if PRODUCTION else "sandbox", ("none", "sandbox", "stripe", "bank")
)
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRETS = env.words("STRIPE_WEBHOOK_SECRETS")
STRIPE_ACCOUNT = env.text("STRIPE_ACCOUNT") or "default"
STRIPE_STATEMENT = env.text("STRIPE_STATEMENT")
# The account into which readers transfer; with PAYMENT_PROVIDER=bank alone, else beside the provider.
BANK_IBAN = env.text("BANK_IBAN").replace(" ", "").upper()
BANK_HOLDER, BANK_BIC, BANK_NAME = env.text("BANK_HOLDER"), env.text("BANK_BIC"), env.text("BANK_NAME")
BANK_CURRENCY = env.text("BANK_CURRENCY") or "EUR"
# Another address than Stripe's own, for tests against a peer on this machine.
STRIPE_API = ""
if PAYMENT_PROVIDER == "stripe":
    # A form of ours ends, by a redirect, on Stripe's page.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("https://checkout.stripe.com")

# The header in which the newsroom's own edge names the reader's country, when it does; read in memory, kept nowhere.
TERRITORY_HEADER = env.text("TERRITORY_HEADER")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": {"()": "newsroom.logs.StructuredFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.db.backends": {"level": "WARNING"},
    },
}
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    LOGGING["root"]["level"] = "ERROR"
