"""Mails that the worker writes: each task loads by id and makes one call."""

from django.utils import timezone
from django_tasks import task

from newsletters import channels, letter, mail
from newsletters.models import AddressChange, ConfirmRequest, Issue, ReaderImport, Subscriber, settings_token
from newsroom.models import User
from newsroom.sealing import Erased


@task(priority=50)  # somebody looks into a mailbox and waits
def mail_confirmation(*, request_id):
    """Ask the mailbox whether it wants the letters; nothing when that was done or the reader is gone."""
    now = timezone.now()
    request = (
        ConfirmRequest.objects.open(now)
        .filter(pk=request_id, mailed_at__isnull=True)
        .select_related("subscriber")
        .first()
    )
    if request is None:
        return
    newsletters = list(request.newsletters.select_related("edition"))
    try:
        address = request.subscriber.read_address()
    except Erased:
        return
    mail.confirmation(address, newsletters, token=request.renew_token()).send()
    request.mark_mailed(at=now)


@task(priority=40)
def mail_test(*, issue_id, user_id):
    """Send the draft of an issue to a member of the staff."""
    issue = Issue.objects.select_related("newsletter__edition").get(pk=issue_id)
    address = User.objects.get(pk=user_id).email
    message = letter.sample(issue, issue.read_draft().content, address=address, at=timezone.now())
    channel = channels.open_channel()
    try:
        channel.deliver(letter.envelope_sender(), address, message)
    finally:
        channel.close()


@task(priority=60)  # nothing goes out until somebody looks
def mail_refusal(*, issue_id):
    """Tell the person who approved an issue that the mail server refuses it."""
    issue = Issue.objects.select_related("newsletter__edition", "approved_by").get(pk=issue_id)
    if issue.approved_by and issue.approved_by.email:
        mail.refusal(issue, to=issue.approved_by.email).send()


@task(priority=50)
def mail_settings_link(*, subscriber_id):
    """Send a reader the link to her settings; nothing when she is gone."""
    reader = Subscriber.objects.filter(pk=subscriber_id).first()
    newest = reader and reader.subscriptions.select_related("newsletter__edition").order_by("-pk").first()
    if newest is None:
        return
    try:
        address = reader.read_address()
    except Erased:
        return
    token = settings_token(reader, at=timezone.now())
    mail.settings_link(address, edition=newest.newsletter.edition, token=token).send()


@task(priority=50)
def mail_address_change(*, change_id):
    """Ask both mailboxes whether a reader moves from one to the other."""
    change = AddressChange.objects.select_related("subscriber").filter(pk=change_id).first()
    newest = change and change.subscriber.subscriptions.select_related("newsletter__edition").order_by("-pk").first()
    if newest is None:
        return
    try:
        addresses = change.subscriber.read_address(), change.read_address()
    except Erased:
        return
    for address, token in zip(addresses, change.renew_tokens(), strict=True):
        mail.address_change(address, edition=newest.newsletter.edition, token=token).send()


@task(priority=-10)  # letters and mails of readers come first
def import_piece(*, import_id, position, state):
    """Do one piece of an import; it enqueues the next one."""
    bringing = ReaderImport.objects.filter(pk=import_id).first()
    if bringing is not None:
        bringing.do_piece(position, state=state, at=timezone.now())
