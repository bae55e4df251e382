"""Addresses of giving. None holds an amount, a gift's id or anything about a person."""

from django.conf import settings
from django.urls import include, path

from donations import manage, views

app_name = "donations"
urlpatterns = [
    path("support/", views.support, name="support"),
    path("support/in/<slug:currency>/", views.support_in, name="support-in"),
    path("support/later/", views.later, name="later"),
    path("support/later/mail/", views.remind, name="remind"),
    path("support/give/", views.give, name="give"),
    path("support/confirm/", views.confirm, name="confirm"),
    path("support/back/<slug:token>/", views.back, name="back"),
    path("support/back/<slug:token>/nothing/", views.cancelled, name="cancelled"),
    path("support/manage/", manage.ask_for_link, name="manage"),
    path("support/manage/open/<slug:token>/", manage.open_link, name="open"),
    path("support/manage/page/", manage.page, name="page"),
    path("support/manage/leave/", manage.leave, name="leave"),
    path("support/manage/change/", manage.change, name="change"),
    path("support/manage/card/", manage.card, name="card"),
    path("support/manage/pause/", manage.pause, name="pause"),
    path("support/manage/resume/", manage.resume, name="resume"),
    path("support/manage/stop/", manage.stop, name="stop"),
    path("support/manage/statement/", manage.statement, name="statement"),
    path("support/manage/data/", manage.data, name="data"),
    path("support/manage/erase/", manage.erase, name="erase"),
    path("hooks/<slug:provider>/", views.hook, name="hook"),
]
if settings.MODE != "production":
    urlpatterns += [path("", include("donations.providers.sandbox.urls"))]
