"""Reports of the mail provider: the provider that the settings name, with its secret, and no other."""

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks import brevo, mailgun, postmark, sparkpost
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsletters.reports import take_event
from newsroom.origin import announced_size

MAX_BYTES = 2_000_000
PROVIDERS = {
    "brevo": brevo.BrevoTrackingWebhookView,
    "mailgun": mailgun.MailgunTrackingWebhookView,
    "postmark": postmark.PostmarkTrackingWebhookView,
    "sparkpost": sparkpost.SparkPostTrackingWebhookView,
}


@csrf_exempt
@never_cache
@require_POST
def mail_hook(request, provider):
    """Take what a provider reports: verify, act once on each event, answer."""
    if provider != settings.MAIL_PROVIDER or provider not in PROVIDERS or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        raise Http404
    if announced_size(request) > MAX_BYTES:
        return HttpResponseBadRequest()
    door = PROVIDERS[provider]()
    try:
        door.run_validators(request)
    except AnymailWebhookValidationFailure:
        return HttpResponseForbidden()
    try:
        events = door.parse_events(request)
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponseBadRequest()
    for event in events:
        take_event(event, provider)
    return HttpResponse()
