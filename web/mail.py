"""Mails: from the outbox to the mail server of the config, at least once, by whatever worker comes first."""

import hashlib
import logging
import smtplib
import ssl
from email.message import EmailMessage

from sqlalchemy.engine import Engine

from bottles import outbox
from bottles.db import reading, transaction
from bottles.outbox import Letter

from .config_service import Mail
from .planning import Clock

SECONDS = 20
"""How long a mail server may take to answer."""

_log = logging.getLogger(__name__)


def post(engine: Engine, mail: Mail, password: str, now: Clock) -> int:
    """Send every letter that is due and return how many were sent; without a server, none."""
    if not mail.host:
        return 0
    with reading(engine) as session:
        due = outbox.due(session, at=now())
    return sum(_post(engine, mail, password, letter, now) for letter in due)


def _post(engine: Engine, mail: Mail, password: str, letter_id: int, now: Clock) -> bool:
    with transaction(engine) as session:
        letter = outbox.claim(session, letter_id, at=now())
    if letter is None:
        return False
    try:
        hand_over(written(letter, mail.sender), mail, password)
    # ValueError: an address that no mail can bear, and that must not keep the other letters back
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _log.warning("letter %s waits: %s", letter_id, error)
        with transaction(engine) as session:
            outbox.failed(session, letter_id, str(error), at=now())
        return False
    with transaction(engine) as session:
        outbox.sent(session, letter_id, at=now())
    return True


def written(letter: Letter, sender: str) -> EmailMessage:
    """Write a letter as a mail; one that goes out twice bears the same name, so that a mailbox may keep one."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.address, letter.subject
    message["Date"] = letter.made_at
    name = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2].rstrip('>')}>"
    # replies of machines to a machine help nobody
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def hand_over(message: EmailMessage, mail: Mail, password: str) -> None:
    """Give a mail to the mail server."""
    with smtplib.SMTP(mail.host, mail.port, timeout=SECONDS) as server:
        if mail.starttls:
            server.starttls(context=ssl.create_default_context())
        if mail.user:
            server.login(mail.user, password)
        server.send_message(message)
