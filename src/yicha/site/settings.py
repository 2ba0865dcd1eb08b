"""Django's settings: what the environment says (environment.py), and what is the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from yicha.base.database.services import connection_facts
from yicha.site import environment, logs
from yicha.site.secret import secret_key

YICHA = environment.read(os.environ, Path.cwd())
"""The settings of this product, read and checked."""

_PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = YICHA.debug
SECRET_KEY = YICHA.secret_key or secret_key(YICHA.var)
ALLOWED_HOSTS = list(YICHA.hosts)
CSRF_TRUSTED_ORIGINS = [YICHA.url]
ROOT_URLCONF = "yicha.site.urls"
WSGI_APPLICATION = "yicha.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Apps: ours first, so that our templates win

INSTALLED_APPS = [
    "yicha.doors",
    "yicha.base.database",
    "yicha.base.workdays",
    "yicha.base.ledger",
    "yicha.base.keys",
    "yicha.base.accounts",
    "yicha.base.messages",
    "yicha.base.lake",
    "yicha.ingest.exchange",
    "yicha.know.registry",
    "yicha.know.catalogue",
    "yicha.know.agreement",
    "yicha.know.visits",
    "yicha.know.credit",
    "yicha.know.undisturbed",
    "yicha.decide.gate",
    "yicha.decide.drawing",
    "yicha.decide.planning",
    "yicha.decide.scheduling",
    "yicha.act.dispatch",
    "yicha.act.inspection",
    "yicha.share.recognition",
    "yicha.share.publicity",
    "yicha.share.repair",
    "yicha.share.evaluation",
    "yicha.share.reporting",
    "yicha.doors.desk",
    "yicha.doors.portal",
    "yicha.doors.public",
    "yicha.doors.partners",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "django_cotton",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "yicha.site.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "yicha.site.middleware.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yicha.site.pages.language",
    "yicha.site.pages.upload_limit",
    "yicha.site.pages.sessions",
    "django.middleware.common.CommonMiddleware",
    "yicha.site.pages.csrf",
    "yicha.site.pages.authentication",
    "yicha.site.pages.messages",
    "yicha.site.pages.frames",
    "allauth.account.middleware.AccountMiddleware",
    "yicha.site.pages.htmx",
    "yicha.site.pages.history",
    "yicha.site.middleware.Refusals",
    "yicha.site.middleware.ReadsOnly",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database

_DATABASE = YICHA.database or connection_facts(YICHA.var)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _DATABASE.name,
        "USER": _DATABASE.user,
        "PASSWORD": _DATABASE.password,
        "HOST": _DATABASE.host,
        "PORT": _DATABASE.port or "",
        "CONN_HEALTH_CHECKS": True,  # after a restart of the server no request meets a dead connection
        "OPTIONS": {
            **_DATABASE.options,
            "pool": {"min_size": 1, "max_size": YICHA.database_pool, "timeout": YICHA.database_patience},
        },
        # Chinese names are searched by trigrams: only a locale that knows Chinese letters gives any.
        "TEST": {"TEMPLATE": "template0", "CHARSET": "UTF8"},
    }
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "yicha_cache"},
}

# Sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_ADAPTER = "yicha.site.sign_in.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/900s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = YICHA.proxies

# Language and time

LANGUAGE_CODE = YICHA.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = YICHA.time_zone

# Files

STATIC_URL = "/static/"
STATIC_ROOT = YICHA.static_root or YICHA.var / "static"
STATICFILES_DIRS = [folder for folder in [_PACKAGE / "doors" / "static"] if folder.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if YICHA.static_root
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = YICHA.static_root is None
WHITENOISE_AUTOREFRESH = YICHA.static_root is None
MEDIA_ROOT = YICHA.var / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Safety

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if YICHA.https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if YICHA.https else None
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = YICHA.https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60

# Logs, jobs and history

LOGGING = logs.configuration(debug=DEBUG)

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PGHISTORY_APPEND_ONLY = True
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

DJANGO_TABLES2_TEMPLATE = "django_tables2/table.html"
