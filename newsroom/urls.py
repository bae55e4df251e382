"""Every address of the site; reader pages are written once and stand under each edition's prefix."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from newsroom import beacon, mirror_list, outbox, text_edition, views
from newsroom.accounts import StaffLogoutView, own_sessions

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

handler400 = "newsroom.views.bad_request"
handler403 = "newsroom.views.forbidden"
handler404 = "newsroom.views.not_found"
handler500 = "newsroom.views.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/logout/", StaffLogoutView.as_view(), name="account_logout"),
    path("accounts/sessions/", own_sessions, name="account_sessions"),
    path("accounts/", include("allauth.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("count/", beacon.count, name="count"),
    path("text/<path:path>", text_edition.page, name="text"),
    path("text/", text_edition.page, name="text_front"),
    path("mirrors/", mirror_list.page, name="mirrors"),
    re_path(r"^(?P<name>mirrors\.(?:txt|json)(?:\.minisig)?)$", mirror_list.file, name="mirror_list"),
    path("media/<path:path>", views.media, name="media"),
    path("", include("desk.urls")),
    path("newsletters/", include("newsletters.urls")),
    path("hooks/mail/", include("newsletters.hook_urls")),
    path("", include("donations.urls")),
]
if settings.MODE != "production":
    urlpatterns += [
        path("outbox/", outbox.index, name="outbox"),
        path("outbox/<slug:name>/", outbox.detail, name="outbox_mail"),
        path("outbox/<slug:name>/html", outbox.html_part, name="outbox_html"),
    ]
urlpatterns += [path("", include("articles.urls"))]
