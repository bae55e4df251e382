"""Addresses of the letters. The one for leaving has no trailing slash and no edition: it must never redirect."""

from django.urls import path, register_converter

from newsletters import feeds, preferences, views


class IssueNumber:
    """The number of an issue: no leading zero, at most nine digits."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value):
        """Return the number."""
        return int(value)

    def to_url(self, value):
        """Return the digits."""
        return str(value)


register_converter(IssueNumber, "issue_number")

app_name = "newsletters"
urlpatterns = [
    path("", views.index, name="index"),
    path("signup/", views.signup, name="signup"),
    path("api/signup", views.signup_api, name="signup_api"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("leave/<str:token>", views.leave, name="leave"),
    path("settings/", preferences.ask, name="settings"),
    path("settings/change/<str:token>/", preferences.change_address, name="change_address"),
    path("settings/<str:token>/", preferences.page, name="settings_of"),
    path("<slug:slug>/feed/", feeds.archive, name="feed"),
    path("<slug:slug>/", views.archive, name="archive"),
    path("<slug:slug>/<issue_number:number>/", views.issue, name="issue"),
]
