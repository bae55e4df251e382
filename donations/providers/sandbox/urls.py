"""The sandbox's own addresses."""

from django.urls import path

from donations.providers.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("sandbox/pay/<slug:ref>/", views.pay, name="pay"),
    path("sandbox/card/<slug:ref>/", views.card, name="card"),
]
