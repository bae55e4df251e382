"""The one address of the writing room outside the admin."""

from django.urls import path

from desk import views

app_name = "desk"
urlpatterns = [path("private/<str:token>/", views.private, name="private")]
