"""Addresses of giving. None holds an amount, a gift's id or anything about a person."""

from django.conf import settings
from django.urls import include, path

from donations import views

app_name = "donations"
urlpatterns = [
    path("support/", views.support, name="support"),
    path("support/later/", views.later, name="later"),
    path("support/give/", views.give, name="give"),
    path("support/confirm/", views.confirm, name="confirm"),
    path("support/back/<slug:token>/", views.back, name="back"),
    path("support/back/<slug:token>/nothing/", views.cancelled, name="cancelled"),
    path("hooks/<slug:provider>/", views.hook, name="hook"),
]
if settings.MODE != "production":
    urlpatterns += [path("", include("donations.providers.sandbox.urls"))]
