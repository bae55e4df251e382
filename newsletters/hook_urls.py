"""Addresses to which mail providers report; they stand outside every edition."""

from django.urls import path

from newsletters import hooks

urlpatterns = [path("<slug:provider>/", hooks.mail_hook, name="mail_hook")]
